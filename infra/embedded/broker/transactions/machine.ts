import { ErrorCode } from "../errors.ts";
import {
  type AddRequest,
  completed,
  type EndRequest,
  type InitRequest,
  isCommit,
  isDecided,
  type PartitionName,
  type ProducerIdentity,
  type Transaction,
  type TransactionEffect,
  type TransactionEvent,
  type TransactionReply,
  type TransactionRequest,
  type TransactionState,
  type Work,
} from "./transaction.ts";

/** Between two attempts at what the disk refuses. */
const RETRY_MS = 1_000;
/** The last epoch that a producer is given; one more is left to fence it with. */
const LAST_EPOCH = 32_766;

type Step = [state: TransactionState, effects: TransactionEffect[]];

/**
 * The transaction coordinator as a function: what happens to one transactional id, and what is to be done about it.
 * Nothing counts before it is stored, and no outcome is written to a partition before it is decided, that is, stored.
 * `now` in ms since 1970.
 */
export function step(
  state: TransactionState,
  event: TransactionEvent,
  now: number,
  limits: { expirationMs: number },
): Step {
  const [after, effects] = react(state, event, now, limits.expirationMs);
  let current = after;
  while (current.work === null && current.waiting.length > 0) {
    const [next, ...waiting] = current.waiting;
    const [reacted, more] = handle({ ...current, waiting }, next!, now);
    current = reacted;
    effects.push(...more);
  }
  return [current, effects];
}

/** When the next `tick` is due, ms since 1970; Infinity: never. */
export function nextDeadline({ stored, work }: TransactionState, limits: { expirationMs: number }): number {
  if (work) return work.retryAtMs ?? Number.POSITIVE_INFINITY;
  if (!stored) return Number.POSITIVE_INFINITY;
  return stored.status === "Ongoing"
    ? stored.startedMs + stored.timeoutMs
    : stored.updatedMs + limits.expirationMs;
}

/**
 * NONE when this producer may write to the partition now, as part of its transaction. Otherwise
 * INVALID_PRODUCER_ID_MAPPING, PRODUCER_FENCED, or INVALID_TXN_STATE: not added, or the transaction is being ended.
 */
export function checkWrite(
  { stored, work }: TransactionState,
  producer: ProducerIdentity,
  partition: PartitionName,
): number {
  const errorCode = checkProducer(stored, producer);
  if (errorCode !== ErrorCode.NONE) return errorCode;
  const ends = work?.next?.status !== undefined && work.next.status !== "Ongoing";
  const isOpen = stored?.status === "Ongoing" && !ends && stored.partitions.has(partition);
  return isOpen ? ErrorCode.NONE : ErrorCode.INVALID_TXN_STATE;
}

function react(state: TransactionState, event: TransactionEvent, now: number, expirationMs: number): Step {
  switch (event.type) {
    case "stored":
      return event.ok ? stored(state, now) : failed(state, now);
    case "marked":
      return event.ok ? startStoring(state, state.work!.next, state.work!.request) : failed(state, now);
    case "tick":
      return nextDeadline(state, { expirationMs }) <= now ? due(state, now) : [state, []];
    default:
      if (state.work === null) return handle(state, event, now);
      // Whoever has to wait for a disk that is full had better ask again.
      if (state.work.retryAtMs !== null) return refuse(state, event, ErrorCode.CONCURRENT_TRANSACTIONS);
      return [{ ...state, waiting: [...state.waiting, event] }, []];
  }
}

function handle(state: TransactionState, request: TransactionRequest, now: number): Step {
  switch (request.type) {
    case "init":
      return init(state, request, now);
    case "add":
      return add(state, request, now);
    case "end":
      return end(state, request, now);
  }
}

function init(state: TransactionState, request: InitRequest, now: number): Step {
  const { stored: known } = state;
  const { transactionalId } = state;
  const { expected, timeoutMs, newProducerId } = request;
  const fresh = {
    transactionalId,
    timeoutMs,
    status: "Empty",
    partitions: new Set<PartitionName>(),
  } as const;
  const clean = { ...fresh, startedMs: -1, updatedMs: now };
  const first = { ...clean, producerId: newProducerId, producerEpoch: 0, previousEpoch: -1 };
  if (known === null) return startStoring(state, first, request);
  const { producerId, producerEpoch, previousEpoch } = known;
  if (expected && (expected.producerId !== producerId || expected.producerEpoch !== producerEpoch)) {
    // Asked for again, because the answer was lost: there was nobody else since, or the previous epoch would be −1.
    const again = expected.producerId === producerId && expected.producerEpoch === previousEpoch;
    if (again && known.status === "Empty") return answer(state, request, ErrorCode.NONE);
    return refuse(state, request, ErrorCode.PRODUCER_FENCED);
  }
  if (known.status === "Ongoing") {
    // Ended first, under an epoch that fences whoever began it; then this request has its turn.
    return startStoring(state, decided(fenced(known), false, now), { ...request, expected: null });
  }
  if (producerEpoch >= LAST_EPOCH) return startStoring(state, first, request);
  const bumped = {
    producerId,
    producerEpoch: producerEpoch + 1,
    previousEpoch: expected ? producerEpoch : -1,
  };
  return startStoring(state, { ...clean, ...bumped }, request);
}

function add(state: TransactionState, request: AddRequest, now: number): Step {
  const { stored: known } = state;
  const errorCode = checkProducer(known, request);
  if (known === null || errorCode !== ErrorCode.NONE) return refuse(state, request, errorCode);
  const isOngoing = known.status === "Ongoing";
  const before = isOngoing ? known.partitions : [];
  const partitions = new Set([...before, ...request.partitions]);
  if (isOngoing && partitions.size === known.partitions.size) return answer(state, request, ErrorCode.NONE);
  const startedMs = isOngoing ? known.startedMs : now;
  return startStoring(state, { ...known, status: "Ongoing", partitions, startedMs, updatedMs: now }, request);
}

function end(state: TransactionState, request: EndRequest, now: number): Step {
  const { stored: known } = state;
  const errorCode = checkProducer(known, request);
  if (known === null || errorCode !== ErrorCode.NONE) return refuse(state, request, errorCode);
  if (known.status === "Ongoing") return startStoring(state, decided(known, request.committed, now), request);
  // Asked for again: the answer may have been lost.
  const isDone = known.status !== "Empty" && isCommit(known) === request.committed;
  return isDone
    ? answer(state, request, ErrorCode.NONE)
    : refuse(state, request, ErrorCode.INVALID_TXN_STATE);
}

/** A deadline has come: a failed attempt is repeated, an open transaction aborted, an unused id forgotten. */
function due(state: TransactionState, now: number): Step {
  const { stored: known, work } = state;
  if (work) {
    const again = { ...state, work: { ...work, retryAtMs: null } };
    return [again, [work.doing === "marking" ? { type: "mark", transaction: known! } : store(work.next)]];
  }
  if (known!.status === "Ongoing") return startStoring(state, decided(fenced(known!), false, now), null);
  return startStoring(state, null, null);
}

/** `work.next` is in the log. */
function stored(state: TransactionState, now: number): Step {
  const { next, request } = state.work!;
  const idle = { ...state, stored: next, work: null };
  if (next && isDecided(next)) {
    const work: Work = { doing: "marking", next: completed(next, now), request, retryAtMs: null };
    return [{ ...idle, work }, [{ type: "mark", transaction: next }]];
  }
  if (request === null) return [idle, []];
  // A producer that had to wait until an older transaction was aborted begins only now.
  if (request.type === "init" && next?.status === "CompleteAbort") return init(idle, request, now);
  return answer(idle, request, ErrorCode.NONE);
}

/**
 * The disk refused. A change that is not decided is given up, and its client told to try again; what is decided, or what
 * nobody else would try again, is repeated until it is done.
 */
function failed(state: TransactionState, now: number): Step {
  const { work, stored: known } = state;
  const { request } = work!;
  const isOptional = request !== null && !(known && isDecided(known));
  if (isOptional) return refuse({ ...state, work: null }, request, ErrorCode.COORDINATOR_NOT_AVAILABLE);
  const retrying = { ...state, work: { ...work!, request: null, retryAtMs: now + RETRY_MS }, waiting: [] };
  const asking = request ? [request, ...state.waiting] : state.waiting;
  return [retrying, asking.map((each) => respond(each, refusal(ErrorCode.CONCURRENT_TRANSACTIONS)))];
}

function checkProducer(known: Transaction | null, { producerId, producerEpoch }: ProducerIdentity): number {
  if (known === null || known.producerId !== producerId) return ErrorCode.INVALID_PRODUCER_ID_MAPPING;
  return known.producerEpoch === producerEpoch ? ErrorCode.NONE : ErrorCode.PRODUCER_FENCED;
}

function decided(ongoing: Transaction, committed: boolean, now: number): Transaction {
  return { ...ongoing, status: committed ? "PrepareCommit" : "PrepareAbort", updatedMs: now };
}

/** The same under an epoch that nobody was given. */
function fenced(known: Transaction): Transaction {
  return { ...known, producerEpoch: known.producerEpoch + 1, previousEpoch: -1 };
}

function startStoring(
  state: TransactionState,
  next: Transaction | null,
  request: TransactionRequest | null,
): Step {
  return [{ ...state, work: { doing: "storing", next, request, retryAtMs: null } }, [store(next)]];
}

function store(transaction: Transaction | null): TransactionEffect {
  return { type: "store", transaction };
}

/** Answers with the producer id and epoch that are stored. */
function answer(state: TransactionState, request: TransactionRequest, errorCode: number): Step {
  const { producerId, producerEpoch } = state.stored!;
  return [state, [respond(request, { errorCode, producerId, producerEpoch })]];
}

function refuse(state: TransactionState, request: TransactionRequest, errorCode: number): Step {
  return [state, [respond(request, refusal(errorCode))]];
}

function respond({ token }: TransactionRequest, reply: TransactionReply): TransactionEffect {
  return { type: "respond", token, reply };
}

function refusal(errorCode: number): TransactionReply {
  return { errorCode, producerId: -1, producerEpoch: -1 };
}
