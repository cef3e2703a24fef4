/* link: what is looked at, as the hash of the page's address, so that it can be sent to others:
 * #file=/trace/files/call.sqlog&e=123&q=stun&p=stun,dtls&v=plots&l=wire */

const keys = ['file', 'with', 'e', 'q', 'p', 'v', 'l', 'open', 'lost'];

export function readLink(hash = location.hash) {
  const given = new URLSearchParams(hash.replace(/^#/, ''));
  return Object.fromEntries(keys.filter((k) => given.has(k)).map((k) => [k, given.get(k)]));
}

export function linkOf(state) {
  const out = new URLSearchParams();
  for (const k of keys)
    if (state[k] !== undefined && state[k] !== null && state[k] !== '')
      out.set(k, state[k]);
  // What a query may hold as it is stays readable (RFC 3986 §3.5).
  return out.size ? `#${String(out).replaceAll('%2F', '/').replaceAll('%2C', ',').replaceAll('%3A', ':')}` : '#';
}

let timer = 0;

/* Browsers count how often an address changes, so it waits a moment. */
export function writeLink(state) {
  clearTimeout(timer);
  timer = setTimeout(() => {
    const hash = linkOf(state);
    if (hash !== (location.hash || '#'))
      history.replaceState(null, '', hash);
  }, 250);
}

/* A file that a link names is one of this server's traces, and nothing else. */
export function isOfServer(path) {
  return /^\/trace\/files\/[^/?#%\\]+\.sqlog$/.test(path ?? '');
}
