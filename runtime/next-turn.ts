/**
 * Resolves at a later turn of the event loop, and at another one for each who asks: sockets and timers get their turn
 * between two pieces of work that compute for long, however many wait. Promises alone do not let go of the loop.
 */
export function nextTurn(): Promise<void> {
  last = last.then(() => new Promise((resolve) => setImmediate(resolve)));
  return last;
}

let last: Promise<void> = Promise.resolve();
