/** Whether a host, as in a URL or in `host:port`, is this machine itself. Names but `localhost` may be anywhere. */
export const isLoopback = (host: string): boolean =>
  /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\]|::1)$/i.test(host);
