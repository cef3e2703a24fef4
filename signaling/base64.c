/* base64: three bytes become four letters of six bits.
 *
 *   |      a (8)      |      b (8)      |      c (8)      |
 *   |   6    |    6    |    6    |    6    |
 */
#include "signaling/base64.h"

#include <string.h>

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

void rill_base64_write(struct rill_writer *w, struct rill_view bytes)
{
    for (size_t i = 0; i < bytes.n; i += 3) {
        size_t have = bytes.n - i < 3 ? bytes.n - i : 3;
        uint32_t bits = 0;
        for (size_t k = 0; k < 3; k++)
            bits = bits << 8 | (k < have ? bytes.p[i + k] : 0u);
        for (size_t k = 0; k < 4; k++)
            rill_w_char(w, k <= have ? alphabet[bits >> (18 - 6 * k) & 63] : '=');
    }
}

/* Six bits, or -1. */
static int letter(uint8_t c)
{
    const char *at = c ? memchr(alphabet, c, 64) : NULL;
    return at ? (int)(at - alphabet) : -1;
}

long rill_base64_size(struct rill_view text)
{
    size_t pad = 0;
    if (text.n % 4 != 0)
        return -1;
    while (pad < 2 && pad < text.n && text.p[text.n - 1 - pad] == '=')
        pad++;
    size_t letters = text.n - pad;
    for (size_t i = 0; i < letters; i++)
        if (letter(text.p[i]) < 0)
            return -1;
    /* RFC 4648 §3.5: the pad bits MUST be zero. */
    int unused = pad == 2 ? 15 : pad == 1 ? 3 : 0;
    if (pad && (letter(text.p[letters - 1]) & unused))
        return -1;
    return (long)(text.n / 4 * 3 - pad);
}

long rill_base64_read(struct rill_view text, struct rill_span out)
{
    long size = rill_base64_size(text);
    if (size < 0 || (size_t)size > out.n)
        return -1;
    size_t n = 0;
    /* Four letters are read before three bytes are written, so the place may be the same. */
    for (size_t i = 0; i < text.n; i += 4) {
        uint32_t bits = 0;
        for (size_t k = 0; k < 4; k++)
            bits = bits << 6 | (text.p[i + k] == '=' ? 0u : (uint32_t)letter(text.p[i + k]));
        for (size_t k = 0; k < 3 && n < (size_t)size; k++)
            out.p[n++] = (uint8_t)(bits >> (16 - 8 * k));
    }
    return size;
}
