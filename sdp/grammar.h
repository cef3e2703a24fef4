/* sdp/grammar (room-internal): the small words of RFC 8866 §9's grammar. */
#ifndef RILL_SDP_GRAMMAR_H
#define RILL_SDP_GRAMMAR_H

#include "base/bytes.h"

/* token = 1*(token-char) */
bool rill_sdp_is_token(struct rill_view v);
/* non-ws-string = 1*(VCHAR/%x80-FF) */
bool rill_sdp_is_visible(struct rill_view v);
/* 1*DIGIT */
bool rill_sdp_is_digits(struct rill_view v);
/* RFC 8839 §5.1: ice-char = ALPHA / DIGIT / "+" / "/" */
bool rill_sdp_is_ice(struct rill_view v, size_t min, size_t max);
/* RFC 8851 §10: rid-id = 1*(alpha-numeric / "-" / "_") */
bool rill_sdp_is_rid(struct rill_view v);
/* integer "." digits, not all zero (RFC 8866 §9: non-zero-int-or-real) */
bool rill_sdp_is_positive_real(struct rill_view v);

/* The word before the first space; *rest becomes what follows the space, p == NULL when
 * there was none. So a doubled or trailing space yields an empty word, which no rule takes. */
struct rill_view rill_sdp_word(struct rill_view *rest);
/* Words that rill_sdp_word would give. */
size_t rill_sdp_count_words(struct rill_view v);

/* RFC 8866 §6.6: "limiting the values to inclusively between 0 and 127". */
bool rill_sdp_payload_type(struct rill_view v, uint8_t *out);

#endif
