#include "base/stale_files.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

void bpi_claim_file(int descriptor)
{
    (void)flock(descriptor, LOCK_EX | LOCK_NB);
}

/* .backprop-<16 hexadecimal digits>.tmp */
static bool is_temporary(const char *name)
{
    const char prefix[] = ".backprop-", suffix[] = ".tmp";
    const size_t start = sizeof prefix - 1, digits = 16;
    return strncmp(name, prefix, start) == 0 && strspn(name + start, "0123456789abcdef") == digits &&
           strcmp(name + start + digits, suffix) == 0;
}

static bool is_old(int descriptor)
{
    struct stat info;
    return fstat(descriptor, &info) == 0 && S_ISREG(info.st_mode) &&
           time(NULL) - info.st_mtime > STALE_SECONDS;
}

static void remove_if_stale(int directory, const char *name)
{
    const int descriptor = openat(directory, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    if (descriptor < 0)
        return;
    if (is_old(descriptor) && flock(descriptor, LOCK_EX | LOCK_NB) == 0)
        (void)unlinkat(directory, name, 0);
    close(descriptor);
}

/* The directory of the file; NULL: it cannot be read. */
static DIR *open_directory_of(const char *path)
{
    char name[4096] = ".";
    const char *slash = strrchr(path, '/');
    const size_t length = slash == NULL ? 0 : (size_t)(slash - path) + 1;
    if (length >= sizeof name)
        return NULL;
    if (length > 0) {
        memcpy(name, path, length);
        name[length] = '\0';
    }
    return opendir(name);
}

void bpi_remove_stale_files(const char *path)
{
    DIR *directory = open_directory_of(path);
    const struct dirent *entry;
    if (directory == NULL)
        return;
    while ((entry = readdir(directory)) != NULL)
        if (is_temporary(entry->d_name))
            remove_if_stale(dirfd(directory), entry->d_name);
    closedir(directory);
}
