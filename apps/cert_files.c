#include "apps/cert_files.h"

#include "apps/app.h"
#include "dtls/dates.h"
#include "reactor/reactor.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define RENEW_BEFORE (30 * RILL_DAY_S)
#define INTERFACES_MAX 48

static int64_t wall_s(void)
{
    return rill_posix_wall() / RILL_SECOND;
}

static bool complain_errno(const char *path)
{
    fprintf(stderr, "rill: %s: %s\n", path, strerror(errno));
    return false;
}

static bool complain(const char *path, const struct rill_err *why)
{
    rill_app_complain(path, why);
    return false;
}

/* --- names ---------------------------------------------------------------------------- */

static void add_name(struct rill_cert_names *names, struct rill_view text)
{
    struct rill_tls_name name;
    if (names->n == RILL_CA_NAMES_MAX || !rill_tls_name_parse(text, &name))
        return;
    names->list[names->n++] = name;
}

static void add_address(struct rill_cert_names *names, const struct rill_addr *a)
{
    bool unreachable = a->family == RILL_ADDR_IP6 && rill_addr_is_link_local(a);
    if (rill_addr_is_loopback(a) || unreachable || names->n == RILL_CA_NAMES_MAX)
        return;
    struct rill_addr ip = *a;
    ip.port = 0;
    ip.scope = 0;
    names->list[names->n++] = (struct rill_tls_name){.ip = ip};
}

void rill_cert_names_default(struct rill_cert_names *out)
{
    struct rill_addr found[INTERFACES_MAX];
    size_t n = rill_posix_interfaces(found, INTERFACES_MAX);
    out->n = 0;
    add_name(out, rill_view_of("localhost"));
    add_name(out, rill_view_of("127.0.0.1"));
    add_name(out, rill_view_of("::1"));
    if (gethostname(out->host, sizeof out->host - 1) == 0 && strcmp(out->host, "localhost") != 0)
        add_name(out, rill_view_of(out->host));
    for (size_t i = 0; i < n; i++)
        add_address(out, &found[i]);
}

/* --- reading and writing pairs -------------------------------------------------------- */

void rill_cert_pair_free(struct rill_cert_pair *p)
{
    if (p->id)
        rill_tls_identity_free(p->id);
    free(p->block);
    free(p->pem.p);
    p->id = NULL;
    p->block = NULL;
    p->pem = (struct rill_span){0};
}

void rill_app_identity_free(struct rill_app_identity *i)
{
    rill_cert_pair_free(&i->server);
    rill_cert_pair_free(&i->ca);
}

static bool set_paths(struct rill_cert_pair *p, const char *dir, const char *cert, const char *key)
{
    return (rill_cert_path(p->cert, dir, cert) && rill_cert_path(p->key, dir, key)) ||
           complain_errno(dir);
}

static bool both_there(const struct rill_cert_pair *p)
{
    return access(p->cert, R_OK) == 0 && access(p->key, R_OK) == 0;
}

/* Its key is wiped when it has been read. No key at all would be a list to trust, so a file that
 * is empty or missing is read as one that makes no sense. */
static int read_pair(struct rill_cert_pair *p, struct rill_err *why)
{
    struct rill_rng rng = rill_posix_rng();
    struct rill_span key = rill_cert_read(p->key);
    p->pem = rill_cert_read(p->cert);
    struct rill_view cert_text = rill_view_at(p->pem.p, p->pem.n);
    struct rill_view key_text = key.n ? rill_view_at(key.p, key.n) : rill_view_of("none");
    p->block = malloc(rill_tls_identity_size(cert_text, key_text));
    int rc = p->block ? rill_tls_identity_init(p->block, &rng, cert_text, key_text, &p->id, why)
                      : rill_err_set(&rill_dtls_errors, RILL_TLS_CERTIFICATE, 0, 0, why);
    rill_cert_forget(key);
    if (rc < 0)
        rill_cert_pair_free(p);
    return rc;
}

static bool load_pair(struct rill_cert_pair *p)
{
    struct rill_err why = {0};
    if (access(p->cert, R_OK) < 0)
        return complain_errno(p->cert);
    if (access(p->key, R_OK) < 0)
        return complain_errno(p->key);
    int rc = read_pair(p, &why);
    if (rc == 0)
        return true;
    return complain(rc == RILL_TLS_CERTIFICATE ? p->cert : p->key, &why);
}

/* The key first: a certificate never lies there without it. */
static bool store_pair(struct rill_cert_pair *p, struct rill_view cert, struct rill_view key)
{
    if (!rill_cert_write(p->key, key, 0600))
        return complain_errno(p->key);
    if (!rill_cert_write(p->cert, cert, 0644))
        return complain_errno(p->cert);
    p->made = true;
    return load_pair(p);
}

/* --- the CA --------------------------------------------------------------------------- */

/* "$XDG_DATA_HOME/NAME" or "~/.local/share/NAME"; false when neither variable is set. */
static bool find_data_dir(char *out, const char *name)
{
    const char *data = getenv("XDG_DATA_HOME"), *home = getenv("HOME");
    char share[RILL_CERT_PATH];
    if (data && data[0] == '/')
        return rill_cert_path(out, data, name);
    return home && home[0] && rill_cert_path(share, home, ".local/share") &&
           rill_cert_path(out, share, name);
}

static bool data_dir(char *out, const char *name)
{
    if (find_data_dir(out, name))
        return true;
    fputs("rill: HOME is not set: say with --ca DIR where the CA shall be\n", stderr);
    return false;
}

static bool is_mkcert(struct rill_cert_pair *out, const char *dir)
{
    return set_paths(out, dir, "rootCA.pem", "rootCA-key.pem") && both_there(out);
}

/* Where mkcert keeps its own. */
static bool mkcert_dir(char *out)
{
    const char *caroot = getenv("CAROOT");
    if (!caroot || !caroot[0])
        return find_data_dir(out, "mkcert");
    return snprintf(out, RILL_CERT_PATH, "%s", caroot) < RILL_CERT_PATH;
}

/* Sets the paths; the files need not be there. dir becomes where rill may write. */
static bool find_ca(const char *ca_dir, char *dir, struct rill_cert_pair *out)
{
    char mkcert[RILL_CERT_PATH];
    if (ca_dir ? snprintf(dir, RILL_CERT_PATH, "%s", ca_dir) >= RILL_CERT_PATH
               : !data_dir(dir, "rill"))
        return false;
    if (ca_dir)
        out->mkcert = is_mkcert(out, ca_dir);
    else
        out->mkcert = mkcert_dir(mkcert) && is_mkcert(out, mkcert);
    return out->mkcert || set_paths(out, dir, "ca.crt", "ca.key");
}

static bool make_ca(struct rill_cert_pair *out)
{
    uint8_t cert[RILL_CA_CERT_MAX], key[RILL_CA_KEY_MAX];
    struct rill_writer c = rill_writer_of((struct rill_span){cert, sizeof cert});
    struct rill_writer k = rill_writer_of((struct rill_span){key, sizeof key});
    char host[256] = "", name[300];
    struct rill_rng rng = rill_posix_rng();
    struct rill_err why = {0};
    gethostname(host, sizeof host - 1);
    int n = snprintf(name, sizeof name, "rill local CA %s", host);
    int rc = rill_ca_make(rill_view_at(name, (size_t)n), wall_s(), &rng, &c, &k, &why);
    bool done = rc == 0 ? store_pair(out, rill_w_view(&c), rill_w_view(&k))
                        : complain("no CA could be made", &why);
    rill_wipe(key, sizeof key);
    return done;
}

static bool load_ca(struct rill_cert_pair *out)
{
    struct rill_err why = {0};
    if (!load_pair(out))
        return false;
    if (rill_ca_check_authority(out->id, wall_s(), &why) == 0)
        return true;
    rill_cert_pair_free(out);
    return complain(out->cert, &why);
}

/* A CA of which the key is gone is not made anew: people trust its certificate. */
static bool load_or_make_ca(bool make, struct rill_cert_pair *out)
{
    bool there = access(out->cert, F_OK) == 0;
    if (there)
        return load_ca(out);
    return make ? make_ca(out) : true;
}

bool rill_cert_ca(const char *ca_dir, bool make, struct rill_cert_pair *out)
{
    char dir[RILL_CERT_PATH];
    *out = (struct rill_cert_pair){0};
    if (!find_ca(ca_dir, dir, out))
        return false;
    if (!make)
        return load_or_make_ca(false, out);
    if (!rill_cert_make_dir(dir))
        return complain_errno(dir);
    int lock = rill_cert_lock(dir);
    if (lock < 0)
        return complain_errno(dir);
    bool done = load_or_make_ca(true, out);
    close(lock);
    return done;
}

/* --- the server ----------------------------------------------------------------------- */

static bool issue(const struct rill_cert_pair *ca, const struct rill_cert_names *names,
                  struct rill_cert_pair *out)
{
    uint8_t cert[RILL_CA_CERT_MAX], key[RILL_CA_KEY_MAX];
    struct rill_writer c = rill_writer_of((struct rill_span){cert, sizeof cert});
    struct rill_writer k = rill_writer_of((struct rill_span){key, sizeof key});
    struct rill_rng rng = rill_posix_rng();
    struct rill_err why = {0};
    int rc = rill_ca_issue(ca->id, names->list, names->n, wall_s(), &rng, &c, &k, &why);
    bool done = rc == 0 ? store_pair(out, rill_w_view(&c), rill_w_view(&k))
                        : complain("no certificate could be made", &why);
    rill_wipe(key, sizeof key);
    return done;
}

bool rill_app_identity_issue(const char *ca_dir, const char *out_dir,
                             const struct rill_cert_names *names, struct rill_app_identity *out)
{
    *out = (struct rill_app_identity){0};
    if (!rill_cert_ca(ca_dir, true, &out->ca))
        return false;
    if (!rill_cert_make_dir(out_dir)) {
        complain_errno(out_dir);
    } else if (set_paths(&out->server, out_dir, "cert.crt", "cert.key") &&
               issue(&out->ca, names, &out->server)) {
        return true;
    }
    rill_app_identity_free(out);
    return false;
}

/* Good for a server at this moment, whoever signed it. */
static bool is_good_now(const struct rill_cert_pair *p, struct rill_err *why)
{
    int64_t from, until, now = wall_s();
    if (rill_tls_identity_check_server(p->id, why) < 0)
        return false;
    rill_tls_identity_validity(p->id, &from, &until);
    if (now < from)
        rill_err_set(&rill_dtls_errors, RILL_TLS_NOT_YET_VALID, 0, 0, why);
    else if (now > until)
        rill_err_set(&rill_dtls_errors, RILL_TLS_EXPIRED, 0, 0, why);
    return now >= from && now <= until;
}

bool rill_cert_is_current(const struct rill_cert_pair *p)
{
    return !strcmp(p->cert, "./cert.crt");
}

/* What lies in the current directory is the user's wish; what is wrong with it is said. */
static bool take_current(struct rill_cert_pair *p)
{
    struct rill_err why = {0};
    *p = (struct rill_cert_pair){0};
    if (!set_paths(p, ".", "cert.crt", "cert.key") || !both_there(p))
        return false;
    if (read_pair(p, &why) == 0) {
        if (is_good_now(p, &why))
            return true;
        rill_cert_pair_free(p);
    }
    return complain("./cert.crt is left alone", &why);
}

size_t rill_cert_ca_places(const char *ca_dir, char out[2][RILL_CERT_PATH])
{
    char dir[RILL_CERT_PATH];
    size_t n = 0;
    if (ca_dir) {
        n += rill_cert_path(out[n], ca_dir, "rootCA.pem");
        n += rill_cert_path(out[n], ca_dir, "ca.crt");
        return n;
    }
    n += mkcert_dir(dir) && rill_cert_path(out[n], dir, "rootCA.pem");
    n += find_data_dir(dir, "rill") && rill_cert_path(out[n], dir, "ca.crt");
    return n;
}

/* The CA is of use only to those who are shown what it signed; its key is not. */
static bool vouches(const char *path, struct rill_app_identity *i)
{
    struct rill_rng rng = rill_posix_rng();
    struct rill_view none = {0};
    struct rill_cert_pair ca = {0};
    struct rill_err why;
    if (snprintf(ca.cert, sizeof ca.cert, "%s", path) >= (int)sizeof ca.cert)
        return false;
    ca.pem = rill_cert_read(path);
    struct rill_view text = rill_view_at(ca.pem.p, ca.pem.n);
    ca.block = text.n ? malloc(rill_tls_identity_size(text, none)) : NULL;
    if (ca.block && rill_tls_identity_init(ca.block, &rng, text, none, &ca.id, &why) == 0 &&
        rill_ca_check(i->server.id, ca.id, NULL, 0, wall_s(), &why) == 0) {
        i->ca = ca;
        return true;
    }
    rill_cert_pair_free(&ca);
    return false;
}

static void take_its_ca(const char *ca_dir, struct rill_app_identity *i)
{
    char places[2][RILL_CERT_PATH];
    size_t n = rill_cert_ca_places(ca_dir, places);
    for (size_t k = 0; k < n && !vouches(places[k], i); k++)
        continue;
}

static bool keeps(const struct rill_app_identity *i, const struct rill_cert_names *names)
{
    int64_t now = wall_s();
    struct rill_err why;
    return rill_ca_check(i->server.id, i->ca.id, names->list, names->n, now, &why) == 0 &&
           rill_ca_check(i->server.id, i->ca.id, names->list, names->n, now + RENEW_BEFORE, &why) ==
               0;
}

/* The folder is held: two that start at a time would mix their keys and certificates. */
static bool take_or_issue(const char *dir, const struct rill_cert_names *names,
                          struct rill_app_identity *out)
{
    struct rill_err why = {0};
    struct rill_cert_pair *server = &out->server;
    if (!set_paths(server, dir, "cert.crt", "cert.key"))
        return false;
    if (both_there(server) && read_pair(server, &why) == 0) {
        if (keeps(out, names))
            return true;
        rill_cert_pair_free(server);
    }
    return issue(&out->ca, names, server);
}

bool rill_app_identity_auto(const char *ca_dir, const struct rill_cert_names *names,
                            struct rill_app_identity *out)
{
    char dir[RILL_CERT_PATH];
    struct rill_cert_pair unused = {0};
    *out = (struct rill_app_identity){0};
    if (take_current(&out->server)) {
        take_its_ca(ca_dir, out);
        return true;
    }
    if (!find_ca(ca_dir, dir, &unused) || !rill_cert_ca(ca_dir, true, &out->ca))
        return false;
    int lock = rill_cert_lock(dir);
    bool done = lock >= 0 ? take_or_issue(dir, names, out) : complain_errno(dir);
    if (lock >= 0)
        close(lock);
    if (!done)
        rill_app_identity_free(out);
    return done;
}

bool rill_app_identity_files(const char *ca_dir, const char *cert, const char *key,
                             struct rill_app_identity *out)
{
    struct rill_err why = {0};
    struct rill_cert_pair *p = &out->server;
    *out = (struct rill_app_identity){0};
    if (snprintf(p->cert, sizeof p->cert, "%s", cert) >= (int)sizeof p->cert ||
        snprintf(p->key, sizeof p->key, "%s", key) >= (int)sizeof p->key)
        return false;
    if (!load_pair(p))
        return false;
    if (rill_tls_identity_check_server(p->id, &why) == 0) {
        take_its_ca(ca_dir, out);
        return true;
    }
    rill_cert_pair_free(p);
    return complain(cert, &why);
}
