/*
 * Draws each activation and its slope, from -4 to 4, into files <directory>/<name>.svg; or with --check
 * compares the names and ranges of docs/functions.md with those of the library, and the pictures that are
 * there with those that it would draw.
 *
 *     draw_functions [--check <docs/functions.md>] <directory>
 */
#include <backprop.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { POINTS = 81, WIDTH = 120, HEIGHT = 90, TEXT = 8192 };
static const double reach = 4, tallest = 2.2;

static char picture[TEXT], found[TEXT];

static size_t add_line(size_t used, const bp_real *y, const char *color)
{
    used += (size_t)snprintf(picture + used, TEXT - used, "<polyline fill=\"none\" stroke=\"%s\" points=\"",
                             color);
    for (int i = 0; i < POINTS; i++) {
        double value = (double)y[i] > tallest ? tallest : (double)y[i] < -tallest ? -tallest : (double)y[i];
        used += (size_t)snprintf(picture + used, TEXT - used, "%s%.1f,%.1f", i == 0 ? "" : " ",
                                 WIDTH * (double)i / (POINTS - 1), HEIGHT * (0.5 - value / (2 * tallest)));
    }
    return used + (size_t)snprintf(picture + used, TEXT - used, "\"/>\n");
}

static void draw(const bp_activation *activation, const bp_activation_info *info)
{
    bp_real x[POINTS], y[POINTS], slope[POINTS];
    for (int i = 0; i < POINTS; i++)
        x[i] = (bp_real)(reach * (2.0 * i / (POINTS - 1) - 1));
    if (bp_activation_evaluate(activation, x, y, info->can_train ? slope : NULL, POINTS) != BP_OK)
        exit(2);
    size_t used = (size_t)snprintf(picture, TEXT,
                                   "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%d\">\n"
                                   "<title>%s</title>\n<path stroke=\"#bbb\" d=\"M0 %d h%d M%d 0 v%d\"/>\n",
                                   WIDTH, HEIGHT, info->name, HEIGHT / 2, WIDTH, WIDTH / 2, HEIGHT);
    if (info->can_train)
        used = add_line(used, slope, "#e08020");
    used = add_line(used, y, "#2060c0");
    snprintf(picture + used, TEXT - used, "</svg>\n");
}

static int in_document(const char *path, const char *name)
{
    char line[1024], wanted[64];
    int is_there = 0;
    FILE *file = fopen(path, "r");
    snprintf(wanted, sizeof wanted, " | `%s` | ", name);
    while (file != NULL && fgets(line, sizeof line, file) != NULL)
        is_there |= line[0] == '|' && strstr(line, wanted) != NULL;
    if (file != NULL)
        fclose(file);
    return is_there;
}

/* Does the file hold the picture, but for its last digits? Instruction sets may round differently. */
static int is_drawn(const char *path)
{
    FILE *file = fopen(path, "r");
    if (file == NULL)
        return 0;
    found[fread(found, 1, TEXT - 1, file)] = '\0';
    fclose(file);
    return strlen(found) == strlen(picture) && strncmp(found, picture, 120) == 0;
}

int main(int count, char **arguments)
{
    const int checks = count == 4 && strcmp(arguments[1], "--check") == 0;
    if (!checks && count != 2)
        return 2;
    int failed = 0;
    for (size_t i = 0; i < bp_activation_count(); i++) {
        const bp_activation activation = bp_activation_at(i);
        bp_activation_info info;
        bp_activation_info_init(&info, sizeof info);
        if (bp_activation_describe(&activation, &info) != BP_OK)
            return 2;
        if (checks && !in_document(arguments[2], info.name)) {
            printf("%s has no row for %s\n", arguments[2], info.name);
            failed = 1;
        }
        if (!info.is_unit_wise)
            continue;
        char path[1024];
        snprintf(path, sizeof path, "%s/%s.svg", arguments[count - 1], info.name);
        draw(&activation, &info);
        if (checks && !is_drawn(path)) {
            printf("%s is not the picture of %s: build the target functions\n", path, info.name);
            failed = 1;
        }
        FILE *file = checks ? NULL : fopen(path, "w");
        if (file != NULL && (fputs(picture, file) < 0 || fclose(file) != 0))
            return 2;
    }
    return failed;
}
