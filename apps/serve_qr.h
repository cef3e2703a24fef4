/* serve_qr: a QR code for a terminal, so that a phone need not be typed on. */
#ifndef RILL_APPS_SERVE_QR_H
#define RILL_APPS_SERVE_QR_H

#include <stdbool.h>
#include <stdio.h>

enum serve_qr_look {
    SERVE_QR_COLOUR, /* black on white by ANSI's colours, whatever the terminal's are */
    SERVE_QR_PLAIN,  /* no escapes: what is light is drawn, as on a dark terminal */
};

/* utf8: half blocks, two rows of the code a line; else two characters a dot. False when the text
 * does not fit a code. */
bool serve_qr_print(FILE *out, const char *text, enum serve_qr_look look, bool utf8);

#endif
