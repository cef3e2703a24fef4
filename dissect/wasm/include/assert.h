/* assert.h: a mistake of the programmer's ends the program; the page sees a trap. */
#ifndef RILL_WASM_ASSERT_H
#define RILL_WASM_ASSERT_H

#define assert(truth) ((truth) ? (void)0 : __builtin_trap())

#endif
