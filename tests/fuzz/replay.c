/*
 * Hands every file of the folders named to the fuzz target that this is linked with, so that what a fuzzer
 * once found is tested everywhere. With a fuzzer's own main function the same target explores:
 *
 *     clang -fsanitize=fuzzer,address,undefined ... tests/fuzz/fuzz_csv.c
 */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static void end(const char *path, const char *reason)
{
    fprintf(stderr, "%s: %s\n", path, reason);
    exit(EXIT_FAILURE);
}

static void replay_file(const char *path)
{
    FILE *file = fopen(path, "rb");
    if (file == NULL || fseek(file, 0, SEEK_END) != 0)
        end(path, "cannot be opened");
    long size = ftell(file);
    rewind(file);
    uint8_t *bytes = malloc(size > 0 ? (size_t)size : 1);
    if (size < 0 || bytes == NULL || fread(bytes, 1, (size_t)size, file) != (size_t)size)
        end(path, "cannot be read");
    fclose(file);
    printf("%s\n", path);
    fflush(stdout); /* the last name printed is that of a file that crashes */
    LLVMFuzzerTestOneInput(bytes, (size_t)size);
    free(bytes);
}

static int is_visible(const struct dirent *entry)
{
    return entry->d_name[0] != '.';
}

static void replay_folder(const char *folder)
{
    struct dirent **entries;
    int count = scandir(folder, &entries, is_visible, alphasort);
    if (count <= 0)
        end(folder, "has no files");
    for (int i = 0; i < count; i++) {
        char path[1024];
        snprintf(path, sizeof path, "%s/%s", folder, entries[i]->d_name);
        replay_file(path);
        free(entries[i]);
    }
    free(entries);
}

int main(int count, char **folders)
{
    if (count < 2) {
        fprintf(stderr, "usage: %s FOLDER...\n", folders[0]);
        return 2;
    }
    for (int i = 1; i < count; i++)
        replay_folder(folders[i]);
    return EXIT_SUCCESS;
}
