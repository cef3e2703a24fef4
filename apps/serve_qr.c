#include "apps/serve_qr.h"

#include <qrencode.h>

/* ISO/IEC 18004 §5.3.8: four modules of light all around. */
#define QUIET 4
#define BLACK_ON_WHITE "\x1b[30;47m"
#define NORMAL "\x1b[0m"

static bool is_dark(const QRcode *code, int x, int y)
{
    bool inside = x >= 0 && y >= 0 && x < code->width && y < code->width;
    return inside && (code->data[y * code->width + x] & 1);
}

/* What to draw for two modules, one above the other; each is drawn in ink or not at all. */
static const char *half_block(bool upper, bool lower)
{
    if (upper)
        return lower ? "\xe2\x96\x88" : "\xe2\x96\x80";
    return lower ? "\xe2\x96\x84" : " ";
}

/* Without colours the ink of the terminal is light. */
static bool is_ink(const QRcode *code, int x, int y, enum serve_qr_look look)
{
    return is_dark(code, x, y) == (look == SERVE_QR_COLOUR);
}

static void print_line(FILE *out, const QRcode *code, int y, enum serve_qr_look look, bool utf8)
{
    fputs(look == SERVE_QR_COLOUR ? BLACK_ON_WHITE : "", out);
    for (int x = -QUIET; x < code->width + QUIET; x++) {
        bool ink = is_ink(code, x, y, look);
        if (utf8)
            fputs(half_block(ink, is_ink(code, x, y + 1, look)), out);
        else
            fputs(ink ? "##" : "  ", out);
    }
    fputs(look == SERVE_QR_COLOUR ? NORMAL "\n" : "\n", out);
}

bool serve_qr_print(FILE *out, const char *text, enum serve_qr_look look, bool utf8)
{
    QRcode *code = QRcode_encodeString(text, 0, QR_ECLEVEL_L, QR_MODE_8, 1);
    if (!code)
        return false;
    for (int y = -QUIET; y < code->width + QUIET; y += utf8 ? 2 : 1)
        print_line(out, code, y, look, utf8);
    QRcode_free(code);
    return true;
}
