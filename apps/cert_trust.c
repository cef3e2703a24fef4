#include "apps/cert_trust.h"

#include "apps/cert_disk.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define SYSTEM_DIR "/usr/local/share/ca-certificates"
#define SYSTEM_FILE SYSTEM_DIR "/rill-local-ca.crt"
#define NICKNAME "rill local CA"
#define NOT_FOUND 127

static void say(struct rill_trust_report *r, const char *store, enum rill_trust_result result,
                const char *format, ...) __attribute__((format(printf, 4, 5)));

static void say(struct rill_trust_report *r, const char *store, enum rill_trust_result result,
                const char *format, ...)
{
    va_list args;
    if (r->n == RILL_TRUST_STEPS_MAX)
        return;
    struct rill_trust_step *s = &r->steps[r->n++];
    s->store = store;
    s->result = result;
    va_start(args, format);
    vsnprintf(s->sentence, sizeof s->sentence, format, args);
    va_end(args);
}

/* Only the child gets here. Its words would come between ours. */
static void become(char *const argv[])
{
    int null = open("/dev/null", O_RDWR);
    if (null >= 0) {
        dup2(null, STDIN_FILENO);
        dup2(null, STDOUT_FILENO);
        dup2(null, STDERR_FILENO);
    }
    execvp(argv[0], argv);
    _exit(errno == ENOENT ? NOT_FOUND : 126);
}

/* Its exit status; NOT_FOUND when there is no such program, -1 when it was killed. No shell. */
static int run(char *const argv[])
{
    int status;
    pid_t pid = fork();
    if (pid < 0)
        return -1;
    if (pid == 0)
        become(argv);
    while (waitpid(pid, &status, 0) < 0)
        if (errno != EINTR)
            return -1;
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

/* execv takes texts that may be written to, and does not. */
#define WORD(text) ((char *)(uintptr_t)(text))

/* --- the system's store --------------------------------------------------------------- */

/* fresh: links to what is gone go too; without it they would stay. */
static void update_system(bool fresh, struct rill_trust_report *r)
{
    char *argv[] = {WORD("update-ca-certificates"), fresh ? WORD("--fresh") : NULL, NULL};
    int rc = run(argv);
    if (rc != 0)
        say(r, "system", RILL_TRUST_FAILED, "update-ca-certificates ended with %d", rc);
    else
        say(r, "system", RILL_TRUST_DONE, "ran update-ca-certificates%s", fresh ? " --fresh" : "");
}

static void install_system(struct rill_view pem, struct rill_trust_report *r)
{
    if (access(SYSTEM_DIR, F_OK) < 0) {
        say(r, "system", RILL_TRUST_ABSENT,
            "there is no " SYSTEM_DIR ": the system's store is left alone");
        return;
    }
    if (!rill_cert_write(SYSTEM_FILE, pem, 0644)) {
        say(r, "system", RILL_TRUST_FAILED, SYSTEM_FILE " cannot be written: %s%s", strerror(errno),
            errno == EACCES ? ": root has to do this" : "");
        return;
    }
    say(r, "system", RILL_TRUST_DONE, "wrote " SYSTEM_FILE);
    update_system(false, r);
}

static void uninstall_system(struct rill_trust_report *r)
{
    if (unlink(SYSTEM_FILE) < 0) {
        if (errno == ENOENT)
            say(r, "system", RILL_TRUST_ABSENT, "there is no " SYSTEM_FILE);
        else
            say(r, "system", RILL_TRUST_FAILED, SYSTEM_FILE " cannot be removed: %s",
                strerror(errno));
        return;
    }
    say(r, "system", RILL_TRUST_DONE, "removed " SYSTEM_FILE);
    update_system(true, r);
}

/* --- Chromium's store ----------------------------------------------------------------- */

struct nss {
    char dir[RILL_CERT_PATH], database[RILL_CERT_PATH], file[RILL_CERT_PATH];
};

static bool find_nss(struct nss *n, struct rill_trust_report *r)
{
    const char *home = getenv("HOME");
    if (!home || !home[0] || !rill_cert_path(n->dir, home, ".pki/nssdb") ||
        !rill_cert_path(n->file, n->dir, "cert9.db")) {
        say(r, "nss", RILL_TRUST_FAILED, "HOME is not set");
        return false;
    }
    int written = snprintf(n->database, sizeof n->database, "sql:%s", n->dir);
    return written < (int)sizeof n->database;
}

static bool is_missing(int rc, struct rill_trust_report *r)
{
    if (rc == NOT_FOUND)
        say(r, "nss", RILL_TRUST_ABSENT,
            "there is no certutil (Debian: libnss3-tools): Chromium's store is left alone");
    return rc == NOT_FOUND;
}

static bool make_database(struct nss *n, struct rill_trust_report *r)
{
    char *argv[] = {WORD("certutil"), WORD("-N"),  WORD("--empty-password"),
                    WORD("-d"),       n->database, NULL};
    if (access(n->file, F_OK) == 0)
        return true;
    if (!rill_cert_make_dir(n->dir)) {
        say(r, "nss", RILL_TRUST_FAILED, "%.400s: %s", n->dir, strerror(errno));
        return false;
    }
    int rc = run(argv);
    if (is_missing(rc, r))
        return false;
    if (rc != 0)
        say(r, "nss", RILL_TRUST_FAILED, "certutil could not make %.400s (%d)", n->dir, rc);
    else
        say(r, "nss", RILL_TRUST_DONE, "made the empty store %.400s", n->dir);
    return rc == 0;
}

/* 0 while there is one of our name. */
static int take_out(struct nss *n)
{
    char *argv[] = {WORD("certutil"), WORD("-D"),  WORD("-n"), WORD(NICKNAME),
                    WORD("-d"),       n->database, NULL};
    return run(argv);
}

static bool is_certutil_there(struct rill_trust_report *r)
{
    char *argv[] = {WORD("certutil"), WORD("-H"), NULL};
    return !is_missing(run(argv), r);
}

static void install_nss(const char *ca, struct rill_trust_report *r)
{
    struct nss n;
    /* "C,,": a CA that may vouch for servers, not for mail or code. */
    char *argv[] = {WORD("certutil"), WORD("-A"),  WORD("-n"), WORD(NICKNAME),
                    WORD("-t"),       WORD("C,,"), WORD("-i"), WORD(ca),
                    WORD("-d"),       n.database,  NULL};
    if (!find_nss(&n, r) || !is_certutil_there(r) || !make_database(&n, r))
        return;
    while (take_out(&n) == 0)
        ; /* an older one of the same name */
    int rc = run(argv);
    if (rc != 0)
        say(r, "nss", RILL_TRUST_FAILED, "certutil could not add the CA to %.400s (%d)", n.dir, rc);
    else
        say(r, "nss", RILL_TRUST_DONE, "added \"" NICKNAME "\" to %.400s", n.dir);
}

static void uninstall_nss(struct rill_trust_report *r)
{
    struct nss n;
    size_t removed = 0;
    if (!find_nss(&n, r))
        return;
    if (access(n.file, F_OK) < 0) {
        say(r, "nss", RILL_TRUST_ABSENT, "there is no store %.400s", n.dir);
        return;
    }
    if (!is_certutil_there(r))
        return;
    while (take_out(&n) == 0)
        removed++;
    if (removed)
        say(r, "nss", RILL_TRUST_DONE, "removed \"" NICKNAME "\" from %.400s", n.dir);
    else
        say(r, "nss", RILL_TRUST_ABSENT, "there is no \"" NICKNAME "\" in %.400s", n.dir);
}

void rill_trust_install(unsigned stores, const char *ca, struct rill_view pem,
                        struct rill_trust_report *out)
{
    out->n = 0;
    if (stores & RILL_TRUST_SYSTEM)
        install_system(pem, out);
    if (stores & RILL_TRUST_NSS)
        install_nss(ca, out);
}

void rill_trust_uninstall(unsigned stores, struct rill_trust_report *out)
{
    out->n = 0;
    if (stores & RILL_TRUST_SYSTEM)
        uninstall_system(out);
    if (stores & RILL_TRUST_NSS)
        uninstall_nss(out);
}

void rill_trust_explain(const char *ca)
{
    printf("\nPrograms warn until they trust the CA. None has been told; to do it:\n\n"
           "  this machine   rill cert --install    (as root for the system's store; --uninstall "
           "takes it back)\n"
           "  by hand        sudo cp %s " SYSTEM_FILE "\n"
           "                 sudo update-ca-certificates\n"
           "  Chromium       certutil -d sql:$HOME/.pki/nssdb -A -t C,, -n '" NICKNAME "' -i %s\n"
           "  Firefox        Settings, Privacy & Security, View Certificates, Authorities, Import\n"
           "  a phone        open /ca.crt of rill serve; iOS asks again in Settings, General, "
           "About,\n"
           "                 Certificate Trust Settings\n"
           "  Node           NODE_EXTRA_CA_CERTS=%s\n",
           ca, ca, ca);
}
