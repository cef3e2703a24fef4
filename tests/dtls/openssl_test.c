/* TLS streams with another implementation at the far end: the openssl command, over loopback. */
#include "tests/dtls/tls_pair.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define LATER 1800000000 /* within the dates of tests/data/dtls */
#define PATIENCE_MS 10000

static struct tls_pair p; /* its CA and its server's certificate; the ends are not used */
static char dir[64], ca_file[96], cert_file[96], key_file[96];

struct other {
    pid_t pid;
    int in, out; /* its standard input and output */
};

/* --- the other side ------------------------------------------------------------------- */

static void write_file(const char *path, struct rill_view v)
{
    FILE *f = fopen(path, "wb");
    assert_non_null(f);
    assert_int_equal(fwrite(v.p, 1, v.n, f), v.n);
    fclose(f);
}

static struct other start(const char *const argv[])
{
    int in[2], out[2];
    assert_int_equal(pipe(in), 0);
    assert_int_equal(pipe(out), 0);
    struct other o = {.pid = fork(), .in = in[1], .out = out[0]};
    assert_true(o.pid >= 0);
    if (o.pid == 0) {
        int null = open("/dev/null", O_WRONLY);
        dup2(in[0], STDIN_FILENO);
        dup2(out[1], STDOUT_FILENO);
        dup2(null, STDERR_FILENO);
        close(in[1]);
        close(out[0]);
        execvp(argv[0], (char *const *)(uintptr_t)argv);
        _exit(127);
    }
    close(in[0]);
    close(out[1]);
    return o;
}

/* Its exit status; what it still wrote is in text. */
static int finish(struct other *o, char *text, size_t cap)
{
    int status;
    size_t n = 0;
    ssize_t took;
    close(o->in);
    while (n + 1 < cap && (took = read(o->out, text + n, cap - n - 1)) > 0)
        n += (size_t)took;
    text[n] = 0;
    close(o->out);
    assert_int_equal(waitpid(o->pid, &status, 0), o->pid);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

/* The line "ACCEPT 127.0.0.1:PORT" tells it. */
static uint16_t read_port(const struct other *o)
{
    char line[256];
    do {
        size_t n = 0;
        ssize_t took;
        while (n + 1 < sizeof line && (took = read(o->out, line + n, 1)) == 1 && line[n] != '\n')
            n++;
        line[n] = 0;
        assert_int_equal(took, 1);
    } while (strncmp(line, "ACCEPT ", 7));
    return (uint16_t)strtoul(strrchr(line, ':') + 1, NULL, 10);
}

/* --- our side ------------------------------------------------------------------------- */

struct ours {
    int fd;
    struct rill_tls *x;
    void *block;
    char got[256];
    size_t n_got;
    struct rill_tls_event last;
    bool ended;
};

static int64_t clock_now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * RILL_SECOND + t.tv_nsec / 1000;
}

static void open_up(struct ours *o, int fd, const struct rill_tls_config *config)
{
    *o = (struct ours){.fd = fd, .block = malloc(rill_tls_size(config))};
    o->x = rill_tls_init(o->block, config);
    assert_non_null(o->x);
    rill_tls_start(o->x, clock_now());
}

static void flush(struct ours *o)
{
    uint8_t out[4096];
    size_t n;
    while ((n = rill_tls_output(o->x, clock_now(), (struct rill_span){out, sizeof out})))
        if (send(o->fd, out, n, MSG_NOSIGNAL) != (ssize_t)n)
            return;
}

static void hear(struct ours *o, struct rill_view bytes)
{
    while (bytes.n) {
        size_t took = rill_tls_input(o->x, clock_now(), bytes);
        bytes = rill_view_at(bytes.p + took, bytes.n - took);
        size_t n = rill_tls_read(
            o->x, clock_now(),
            (struct rill_span){(uint8_t *)o->got + o->n_got, sizeof o->got - o->n_got});
        o->n_got += n;
        assert_true(took > 0 || n > 0);
    }
    while (rill_tls_event(o->x, &o->last))
        ;
}

/* Until `want` bytes of plaintext are there, or the stream is over. */
static void converse(struct ours *o, size_t want)
{
    uint8_t in[4096];
    int64_t until = clock_now() + PATIENCE_MS * RILL_MS;
    while (o->n_got < want && !o->ended && clock_now() < until) {
        struct pollfd fd = {.fd = o->fd, .events = POLLIN};
        flush(o);
        if (rill_tls_state(o->x) == RILL_TLS_FAILED || rill_tls_state(o->x) == RILL_TLS_CLOSED)
            return;
        if (poll(&fd, 1, PATIENCE_MS) != 1)
            return;
        ssize_t n = recv(o->fd, in, sizeof in, 0);
        if (n <= 0) {
            o->ended = true;
            rill_tls_ended(o->x, clock_now());
            rill_tls_event(o->x, &o->last);
        } else {
            hear(o, rill_view_at(in, (size_t)n));
        }
    }
    flush(o);
}

static void until_open(struct ours *o)
{
    uint8_t in[4096];
    while (rill_tls_state(o->x) == RILL_TLS_HANDSHAKING) {
        flush(o);
        ssize_t n = recv(o->fd, in, sizeof in, 0);
        if (n <= 0)
            return;
        hear(o, rill_view_at(in, (size_t)n));
    }
    flush(o);
}

static void drop(struct ours *o)
{
    rill_tls_free(o->x);
    free(o->block);
    close(o->fd);
}

static int connected(uint16_t port)
{
    struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = htons(port)};
    a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    assert_int_equal(connect(fd, (struct sockaddr *)&a, sizeof a), 0);
    return fd;
}

static int listening(char *target, size_t cap)
{
    struct sockaddr_in a = {.sin_family = AF_INET};
    socklen_t n = sizeof a;
    a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    assert_int_equal(bind(fd, (struct sockaddr *)&a, sizeof a), 0);
    assert_int_equal(listen(fd, 1), 0);
    assert_int_equal(getsockname(fd, (struct sockaddr *)&a, &n), 0);
    snprintf(target, cap, "127.0.0.1:%u", ntohs(a.sin_port));
    return fd;
}

/* --- tests ---------------------------------------------------------------------------- */

static int set_up(void **state)
{
    (void)state;
    tls_pair_config(&p, 1);
    /* openssl asks the real clock. */
    int64_t now = (int64_t)time(NULL);
    tls_paper_free(&p.server);
    tls_paper_free(&p.ca);
    tls_paper_ca(&p.ca, &p.rng, now);
    tls_paper_server(&p.server, &p.ca, &p.rng, "localhost 127.0.0.1", now);
    strcpy(dir, "/tmp/rill-openssl-XXXXXX");
    assert_non_null(mkdtemp(dir));
    snprintf(ca_file, sizeof ca_file, "%s/ca.pem", dir);
    snprintf(cert_file, sizeof cert_file, "%s/cert.pem", dir);
    snprintf(key_file, sizeof key_file, "%s/key.pem", dir);
    write_file(ca_file, p.ca.cert_text);
    write_file(cert_file, p.server.cert_text);
    write_file(key_file, p.server.key_text);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    tls_pair_free(&p);
    unlink(ca_file), unlink(cert_file), unlink(key_file);
    rmdir(dir);
    return 0;
}

static void tls_server_and_openssl_s_client_understand_each_other(void **state)
{
    (void)state;
    char target[32], text[256];
    struct ours o;
    int listener = listening(target, sizeof target);
    const char *const argv[] = {"openssl",
                                "s_client",
                                "-connect",
                                target,
                                "-CAfile",
                                ca_file,
                                "-servername",
                                "localhost",
                                "-verify_hostname",
                                "localhost",
                                "-verify_return_error",
                                "-alpn",
                                "h2,http/1.1",
                                "-quiet",
                                NULL};
    struct other other = start(argv);
    struct rill_tls_config config = {
        .role = RILL_TLS_SERVER, .identity = p.server.id, .alpn = tls_pair_alpn, .rng = p.rng};
    assert_int_equal(write(other.in, "hello\n", 6), 6);
    open_up(&o, accept(listener, NULL, NULL), &config);
    converse(&o, 6);
    assert_memory_equal(o.got, "hello\n", 6);
    assert_int_equal(rill_tls_write(o.x, clock_now(), rill_view_of("good bye\n")), 9);
    rill_tls_close(o.x, clock_now());
    flush(&o);
    assert_int_equal(finish(&other, text, sizeof text), 0);
    assert_string_equal(text, "good bye\n");
    drop(&o);
    close(listener);
}

static void tls_server_hears_the_goodbye_of_openssl(void **state)
{
    (void)state;
    char target[32], text[256];
    struct ours o;
    int listener = listening(target, sizeof target);
    const char *const argv[] = {"openssl", "s_client", "-connect", target,
                                "-CAfile", ca_file,    NULL};
    struct other other = start(argv);
    struct rill_tls_config config = {
        .role = RILL_TLS_SERVER, .identity = p.server.id, .rng = p.rng};
    /* A line that is "Q" ends s_client with a close_notify. */
    assert_int_equal(write(other.in, "Q\n", 2), 2);
    open_up(&o, accept(listener, NULL, NULL), &config);
    converse(&o, 1);
    assert_int_equal(rill_tls_state(o.x), RILL_TLS_CLOSED);
    assert_int_equal(finish(&other, text, 1), 0);
    drop(&o);
    close(listener);
}

static struct other start_server(const char *cert, const char *key, uint16_t *port)
{
    const char *const argv[] = {"openssl", "s_server", "-accept",  "127.0.0.1:0", "-naccept",
                                "1",       "-cert",    cert,       "-key",        key,
                                "-rev",    "-alpn",    "http/1.1", NULL};
    struct other other = start(argv);
    *port = read_port(&other);
    return other;
}

static void tls_client_and_openssl_s_server_understand_each_other(void **state)
{
    (void)state;
    uint16_t port;
    char text[4096];
    struct ours o;
    struct other other = start_server(cert_file, key_file, &port);
    struct rill_tls_config config = {.trust = p.ca.id,
                                     .host = rill_view_of("127.0.0.1"),
                                     .wall_s = (int64_t)time(NULL),
                                     .alpn = tls_pair_alpn,
                                     .rng = p.rng};
    open_up(&o, connected(port), &config);
    until_open(&o);
    assert_int_equal(rill_tls_state(o.x), RILL_TLS_OPEN);
    assert_int_equal(rill_tls_write(o.x, clock_now(), rill_view_of("stressed\n")), 9);
    converse(&o, 9);
    assert_memory_equal(o.got, "desserts\n", 9);
    rill_tls_close(o.x, clock_now());
    flush(&o);
    drop(&o);
    assert_int_equal(finish(&other, text, sizeof text), 0);
}

/* The row a client fails with when openssl shows this certificate. */
static int row_with(const char *cert, const char *key, const char *trust, int64_t wall_s)
{
    uint16_t port;
    char text[4096];
    struct ours o;
    struct tls_paper ca = {0};
    FILE *f = fopen(trust, "rb");
    assert_non_null(f);
    ca.cert_text = rill_view_at(ca.cert, fread(ca.cert, 1, sizeof ca.cert, f));
    fclose(f);
    tls_paper_read(&ca, &p.rng);
    struct other other = start_server(cert, key, &port);
    struct rill_tls_config config = {
        .trust = ca.id, .host = rill_view_of("localhost"), .wall_s = wall_s, .rng = p.rng};
    open_up(&o, connected(port), &config);
    converse(&o, 1);
    int row = o.last.why.row ? o.last.why.row->code : 0;
    drop(&o);
    finish(&other, text, sizeof text);
    tls_paper_free(&ca);
    return row;
}

static void tls_client_refuses_what_openssl_shows_when_it_is_for_clients_or_of_nobody(void **state)
{
    (void)state;
    assert_row(row_with("tests/data/dtls/client.pem", "tests/data/dtls/client-key.pem",
                        "tests/data/dtls/rsa-ca.pem", LATER),
               TLS_WRONG_USE);
    assert_row(row_with("tests/data/dtls/rsa-server.pem", "tests/data/dtls/rsa-server-key.pem",
                        "tests/data/dtls/rsa-ca.pem", LATER),
               TLS_UNTRUSTED);
}

#define T(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(tls_server_and_openssl_s_client_understand_each_other),
        T(tls_server_hears_the_goodbye_of_openssl),
        T(tls_client_and_openssl_s_server_understand_each_other),
        T(tls_client_refuses_what_openssl_shows_when_it_is_for_clients_or_of_nobody),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
