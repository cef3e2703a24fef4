// What tests of `rill decode` say: parsed, refused, and which keys the answer holds.
import assert from 'node:assert/strict';
import { decode } from './rill.mjs';

// Parsed, with exit 0.
export function ok(module, input, ...options) {
  const r = decode(module, input, ...options);
  assert.equal(r.code, 0, JSON.stringify(r));
  assert.equal(r.ok, true);
  return r;
}

// Refused, with exit 1 and all that a refusal tells.
export function refused(module, input, ...options) {
  const r = decode(module, input, ...options);
  assert.equal(r.code, 1, `${module} took ${JSON.stringify(input)}`);
  assert.equal(r.ok, false);
  assert.match(r.error, /^[A-Z0-9_]+$/);
  assert.match(r.clause, /\S/);
  assert.ok(Number.isInteger(r.offset) && r.offset >= 0);
  assert.match(r.message, /\S+ \S+/);
  assert.doesNotMatch(r.message, /\{\}/);
  return r;
}

function picked(object, want) {
  return Object.fromEntries(Object.keys(want).map((k) => [k, object[k]]));
}

// The object holds these keys with these values, whatever else it holds.
export function has(object, want) {
  assert.deepEqual(picked(object, want), want);
}
