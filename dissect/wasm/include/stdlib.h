/* stdlib.h: nothing of it is called, but a header of the rooms names it. */
#ifndef RILL_WASM_STDLIB_H
#define RILL_WASM_STDLIB_H

#include <stddef.h>

#endif
