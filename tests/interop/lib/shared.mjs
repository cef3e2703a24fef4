// One browser for all tests of a file, launched when the first asks for it: each test closes its pages.
import { after } from 'node:test';

export function shared(launchIt) {
  const ends = [];
  let browser;
  after(async () => { for (const end of ends) await end(); });
  return () => (browser ??= launchIt({ after: (end) => ends.push(end) }));
}
