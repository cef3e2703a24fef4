/* Devices: ids, and what comes and goes. */
#include "tests/capture/temp_file.h"

#include "capture/devices.h"

#include <poll.h>
#include <sys/stat.h>

static void ids_are_digests_of_what_stays(void **state)
{
    (void)state;
    char a[RILL_DEVICE_ID_SIZE], b[RILL_DEVICE_ID_SIZE], c[RILL_DEVICE_ID_SIZE];
    rill_device_hash("videoinput", "usb-1 Camera", a);
    rill_device_hash("videoinput", "usb-1 Camera", b);
    rill_device_hash("audioinput", "usb-1 Camera", c);
    assert_string_equal(a, b);
    assert_string_not_equal(a, c);
    assert_int_equal(strspn(a, "0123456789abcdef"), 32);
    /* The same on every machine and in every run. */
    assert_string_equal(a, "b1184406b85fe59f9f7189751f4b6811");
}

static bool readable(const struct rill_device_watch *w)
{
    struct pollfd p = {.fd = rill_device_watch_fd(w), .events = POLLIN};
    return poll(&p, 1, 0) == 1;
}

static void nodes_that_come_and_go_are_told(void **state)
{
    (void)state;
    const char *camera = temp_path("video3"), *disk = temp_path("sda1");
    struct rill_device_watch *w = rill_device_watch_new(temp_directory);
    assert_non_null(w);
    assert_false(readable(w));
    (void)temp_write("sda1", rill_view_of("x"));
    assert_true(readable(w));
    assert_false(rill_device_watch_read(w)); /* no device of ours */
    (void)temp_write("video3", rill_view_of("x"));
    assert_true(rill_device_watch_read(w));
    assert_false(rill_device_watch_read(w));
    assert_int_equal(chmod(camera, 0600), 0); /* udev's second step */
    assert_true(rill_device_watch_read(w));
    assert_int_equal(unlink(camera), 0);
    assert_true(rill_device_watch_read(w));
    assert_int_equal(unlink(disk), 0);
    assert_false(rill_device_watch_read(w));
    rill_device_watch_free(w);
}

static void sound_cards_are_watched_also_when_they_are_the_first(void **state)
{
    (void)state;
    (void)temp_path("any");
    char directory[300], node[320];
    snprintf(directory, sizeof directory, "%s/snd", temp_directory);
    snprintf(node, sizeof node, "%s/pcmC0D0c", directory);
    struct rill_device_watch *w = rill_device_watch_new(temp_directory);
    assert_int_equal(mkdir(directory, 0700), 0);
    assert_true(rill_device_watch_read(w));
    FILE *f = fopen(node, "wb");
    assert_non_null(f);
    fclose(f);
    assert_true(rill_device_watch_read(w));
    assert_int_equal(unlink(node), 0);
    assert_true(rill_device_watch_read(w));
    assert_int_equal(rmdir(directory), 0);
    rill_device_watch_free(w);
}

static void a_directory_that_is_not_there_is_not_watched(void **state)
{
    (void)state;
    assert_null(rill_device_watch_new("/nonexistent"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ids_are_digests_of_what_stays),
        cmocka_unit_test(nodes_that_come_and_go_are_told),
        cmocka_unit_test(sound_cards_are_watched_also_when_they_are_the_first),
        cmocka_unit_test(a_directory_that_is_not_there_is_not_watched),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
