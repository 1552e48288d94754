/* Files of other kinds, told by how they begin. */
#include "support/support.h"

#include <string.h>

#include "base/signature.h"

static void assert_kind(const char *bytes, size_t size, const char *kind)
{
    const char *found = bpi_foreign_file(bytes, size);
    if (kind == NULL) {
        assert_null(found);
        return;
    }
    assert_non_null(found);
    assert_non_null(strstr(found, kind));
}

#define BYTES(text) text, sizeof text - 1

static void known_kinds_are_named(void **state)
{
    (void)state;
    assert_kind(BYTES("\x1f\x8b\x08"), "gzip");
    assert_kind(BYTES("\xfd\x37\x7a\x58\x5a\0"), "xz");
    assert_kind(BYTES("\x28\xb5\x2f\xfd"), "zstd");
    assert_kind(BYTES("PK\x03\x04"), "zip");
    assert_kind(BYTES("BZh11AY&SY"), "bzip2");
    assert_kind(BYTES("\xff\xfe\x31\0"), "UTF-16");
    assert_kind(BYTES("\xfe\xff\0\x31"), "UTF-16");
}

/* No byte behind the end is looked at: a memory checker would see it. */
static void all_else_is_not(void **state)
{
    (void)state;
    assert_kind(NULL, 0, NULL);
    assert_kind(BYTES(""), NULL);
    assert_kind("\x1f", 1, NULL);
    assert_kind("PK\x03", 3, NULL);
    assert_kind("BZh11AY&S", 9, NULL);
    assert_kind(BYTES("BZh,PK,x\n1,2,3\n"), NULL);
    assert_kind(BYTES("\xef\xbb\xbf"
                      "1,2"),
                NULL);
    assert_kind(BYTES("\0\0\x08\x01"), NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(known_kinds_are_named),
        cmocka_unit_test(all_else_is_not),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
