/* signaling/base64: RFC 4648 §4, for the WebSocket handshake and for bytes in HTTP bodies. */
#ifndef RILL_SIGNALING_BASE64_H
#define RILL_SIGNALING_BASE64_H

#include "base/bytes.h"

/* With padding, without line breaks. */
void rill_base64_write(struct rill_writer *w, struct rill_view bytes);

/* How many bytes the text stands for; -1 when it is not canonical base64: wrong alphabet,
 * missing padding, or bits set that belong to no byte (RFC 4648 §3.5). */
long rill_base64_size(struct rill_view text);

/* Those bytes; how many, or -1 when the text is not canonical or out is too small. out may be
 * the text's own place. */
long rill_base64_read(struct rill_view text, struct rill_span out);

#endif
