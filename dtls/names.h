/* dtls/names: what a certificate may be for: a host's name or its address (RFC 5280 §4.2.1.6).
 *
 * The idea: an address is never compared as text, and a "*" stands for one whole label. */
#ifndef RILL_DTLS_NAMES_H
#define RILL_DTLS_NAMES_H

#include "base/addr.h"

/* Either a DNS name (ip.family is RILL_ADDR_NONE) or an address. */
struct rill_tls_name {
    struct rill_view dns;
    struct rill_addr ip;
};

/* "example.org", "*.example.org", "192.0.2.1", "2001:db8::1"; a final dot of a DNS name is left
 * out. The name borrows the text. False when it is none of them. */
bool rill_tls_name_parse(struct rill_view text, struct rill_tls_name *out);

/* Does the DNS name of a certificate, perhaps with a wildcard, name this host? */
bool rill_tls_dns_matches(struct rill_view pattern, struct rill_view host);

#endif
