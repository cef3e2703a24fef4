/* rill_test: what every test includes: cmocka, and the macro that names error rows.
 *
 * assert_row(rc, STUN_TOO_SHORT) says that a call was refused with exactly this row; `make
 * conformance` reads these lines to tell which test proves which clause. */
#ifndef RILL_TEST_H
#define RILL_TEST_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/bytes.h"

#define assert_row(rc, ROW) assert_int_equal((rc), RILL_##ROW)

/* Hex text (spaces allowed) to bytes in out; returns the view. */
static inline struct rill_view rill_test_hex(const char *hex, uint8_t *out, size_t cap)
{
    size_t n = 0;
    char pair[2];
    size_t have = 0;
    for (; *hex; hex++) {
        if (*hex == ' ' || *hex == '\n')
            continue;
        pair[have++] = *hex;
        if (have < 2)
            continue;
        have = 0;
        assert_true(n < cap);
        assert_int_equal(rill_hex_decode(rill_view_at(pair, 2), (struct rill_span){out + n, 1}), 1);
        n++;
    }
    assert_int_equal(have, 0);
    return rill_view_at(out, n);
}

/* One seed a process: RILL_SEED from the environment, so that a failure can be repeated. */
static inline uint64_t rill_test_seed(void)
{
    const char *text = getenv("RILL_SEED");
    return text ? strtoull(text, NULL, 10) : 1;
}

#endif
