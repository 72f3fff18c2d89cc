/** Topics to browse in tests of the API: a test says what each request gives, and sees what was asked. */
import type {
  BrowsePage,
  BrowsePort,
  BrowseRequest,
  Refusal,
  SearchEvent,
  WholeRecord,
} from "../runtime/browse-view.ts";
import type { RecordView } from "../runtime/view.ts";

export class FakeBrowse implements BrowsePort {
  readonly requests: BrowseRequest[] = [];
  readonly signals: AbortSignal[] = [];
  pages: BrowsePage = { records: [], nextPageToken: null, scanned: 0, filterErrors: null };
  events: () => AsyncGenerator<SearchEvent> = async function* () {};
  records: readonly RecordView[] = [];
  whole: WholeRecord | null = null;
  refusal: Error | null = null;

  async page(request: BrowseRequest, signal: AbortSignal): Promise<BrowsePage> {
    this.#ask(request, signal);
    return this.pages;
  }
  async search(request: BrowseRequest, signal: AbortSignal): Promise<AsyncGenerator<SearchEvent>> {
    this.#ask(request, signal);
    return this.events();
  }
  async download(request: BrowseRequest, signal: AbortSignal): Promise<AsyncGenerator<RecordView>> {
    this.#ask(request, signal);
    const { records } = this;
    return (async function* () {
      yield* records;
    })();
  }
  async record(): Promise<WholeRecord | null> {
    if (this.refusal) throw this.refusal;
    return this.whole;
  }
  #ask(request: BrowseRequest, signal: AbortSignal): void {
    if (this.refusal) throw this.refusal;
    this.requests.push(request);
    this.signals.push(signal);
  }
}

export const aRefusal = (message: string, refusal: Refusal): Error =>
  Object.assign(new Error(message), { refusal });
