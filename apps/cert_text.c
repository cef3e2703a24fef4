#include "apps/cert_text.h"

#include "base/digest.h"
#include "dtls/cert.h"
#include "dtls/dates.h"

#include <stdio.h>

struct rill_cert_text rill_cert_name_text(const struct rill_tls_name *name)
{
    struct rill_cert_text t;
    struct rill_writer w = rill_writer_of((struct rill_span){(uint8_t *)t.text, sizeof t.text});
    if (name->ip.family == RILL_ADDR_NONE)
        rill_w_bytes(&w, name->dns);
    else
        rill_addr_write_ip(&w, &name->ip);
    rill_w_end_text(&w);
    return t;
}

struct rill_cert_text rill_cert_last_day(const struct rill_tls_identity *id)
{
    struct rill_cert_text t;
    int64_t from, until;
    rill_tls_identity_validity(id, &from, &until);
    struct rill_date d = rill_date_of(until);
    snprintf(t.text, sizeof t.text, "%04d-%02d-%02dT%02d:%02d:%02dZ", d.year, d.month, d.day,
             d.hour, d.minute, d.second);
    return t;
}

struct rill_cert_text rill_cert_fingerprint(const struct rill_tls_identity *id)
{
    struct rill_cert_text t;
    uint8_t digest[RILL_SHA256_SIZE];
    struct rill_writer w = rill_writer_of((struct rill_span){(uint8_t *)t.text, sizeof t.text});
    rill_digest(RILL_SHA256, rill_tls_identity_der(id), digest);
    rill_dtls_fingerprint_write(&w, rill_view_at(digest, sizeof digest));
    rill_w_end_text(&w);
    return t;
}
