/* apps/cert_files: the local CA and the server's certificate, found, or made where they are
 * missing; for `rill cert` and `rill serve` alike.
 *
 *   CA       --ca DIR, or mkcert's ($CAROOT, or mkcert below the data folder), or rill below it
 *   server   cert.crt, cert.key
 *
 * The data folder is $XDG_DATA_HOME or ~/.local/share. What fails is said on standard error, and
 * the call returns false. */
#ifndef RILL_APPS_CERT_FILES_H
#define RILL_APPS_CERT_FILES_H

#include "apps/cert_disk.h"
#include "dtls/ca.h"

/* The names a certificate is for. They borrow from the command line and from `host`. */
struct rill_cert_names {
    struct rill_tls_name list[RILL_CA_NAMES_MAX];
    size_t n;
    char host[256];
};
/* localhost, 127.0.0.1, ::1, this host's name, and its addresses but the link-local IPv6 ones. */
void rill_cert_names_default(struct rill_cert_names *out);

/* A certificate and its key as they lie on disk; id NULL: none. */
struct rill_cert_pair {
    char cert[RILL_CERT_PATH], key[RILL_CERT_PATH]; /* paths */
    struct rill_span pem;                           /* the certificate's text, malloced */
    struct rill_tls_identity *id;
    void *block;
    bool made;   /* by this call */
    bool mkcert; /* a CA that mkcert made */
};

struct rill_app_identity {
    struct rill_cert_pair ca;     /* ca.pem is what to give to those who shall trust it */
    struct rill_cert_pair server; /* server.id is for rill_tls_config.identity */
};

/* Not before rill_tls_identity_users() of both is 0. */
void rill_app_identity_free(struct rill_app_identity *i);

/* The CA alone. ca_dir NULL: the usual places. make: when there is none. With make false and no
 * CA it is true, and out->id NULL. */
bool rill_cert_ca(const char *ca_dir, bool make, struct rill_cert_pair *out);
void rill_cert_pair_free(struct rill_cert_pair *p);

/* Always a new server certificate, in out_dir ("." is the current one). */
bool rill_app_identity_issue(const char *ca_dir, const char *out_dir,
                             const struct rill_cert_names *names, struct rill_app_identity *out);

/* What `--tls auto` shows: cert.crt and cert.key of the current directory when they are good for a
 * server now, whoever signed them (out->ca.id is NULL when the local CA did not); else those of the
 * data folder (of ca_dir, when given), issued anew when they are missing, do not cover the names or
 * expire within 30 days. */
bool rill_app_identity_auto(const char *ca_dir, const struct rill_cert_names *names,
                            struct rill_app_identity *out);

/* Does it lie in the current directory, as the user's wish? */
bool rill_cert_is_current(const struct rill_cert_pair *p);

/* What `--tls CRT,KEY` shows; out->ca.id is NULL when the local CA did not sign it. */
bool rill_app_identity_files(const char *ca_dir, const char *cert, const char *key,
                             struct rill_app_identity *out);

/* Where the certificate of a CA may lie, mkcert's and then rill's own; returns how many. */
size_t rill_cert_ca_places(const char *ca_dir, char out[2][RILL_CERT_PATH]);

#endif
