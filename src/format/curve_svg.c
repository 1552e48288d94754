/* bp_trainer_save_curve: the learning curve of a trainer as an SVG picture. */
#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "base/status.h"
#include "base/write_file.h"
#include "engine/sentence.h"
#include "format/curve_axis.h"
#include "format/curve_line.h"
#include "format/svg.h"
#include "train/history.h"

/* Places in the picture, from the upper left corner. The upper panel has the errors, the lower one the
 * learning rate; findings stand between the two, and below in a list. */
static const double width = 900, left = 72, right = 872;
static const double error_top = 92, error_bottom = 350, rate_top = 414, rate_bottom = 490;
static const double marks_y = 370, mark_radius = 8, list_top = 562, list_step = 22, bottom_space = 18;

enum { EPOCH_TICKS = 10, ERROR_TICKS = 7, RATE_TICKS = 4, MAX_DOTS = 40 };

static const char style[] = "<style>\n"
                            ":root{color-scheme:light dark}\n"
                            "text{font-family:sans-serif;font-size:13px;fill:#1f2328}\n"
                            ".title{font-size:19px;font-weight:600}\n"
                            ".muted{fill:#59636e}\n"
                            ".end{text-anchor:end}\n"
                            ".middle{text-anchor:middle}\n"
                            ".superscript{font-size:10px}\n"
                            ".background{fill:#ffffff}\n"
                            ".grid{stroke:#dfe4ea;stroke-width:1}\n"
                            ".axis{stroke:#8b949e;stroke-width:1}\n"
                            ".curve{fill:none;stroke-width:2;stroke-linejoin:round;stroke-linecap:round}\n"
                            ".training{stroke:#0b62c4}\n"
                            ".validation{stroke:#c2410c}\n"
                            ".rate{stroke:#7c3aed}\n"
                            ".best{stroke:#1a7f37;stroke-width:1.5;stroke-dasharray:6 4}\n"
                            ".best-label{fill:#1a7f37}\n"
                            ".note{fill:#6e7781}\n"
                            ".warning{fill:#b35900}\n"
                            ".error{fill:#cf222e}\n"
                            ".number{font-size:10px;font-weight:600;fill:#ffffff;text-anchor:middle}\n"
                            "@media (prefers-color-scheme:dark){\n"
                            "text{fill:#e6edf3}\n"
                            ".muted{fill:#9da7b3}\n"
                            ".background{fill:#0f141a}\n"
                            ".grid{stroke:#29313b}\n"
                            ".axis{stroke:#6e7681}\n"
                            ".training{stroke:#58a6ff}\n"
                            ".validation{stroke:#ffa657}\n"
                            ".rate{stroke:#bc8cff}\n"
                            ".best{stroke:#56d364}\n"
                            ".best-label{fill:#56d364}\n"
                            ".note{fill:#8b949e}\n"
                            ".warning{fill:#e3b341}\n"
                            ".error{fill:#ff7b72}\n"
                            ".number{fill:#0f141a}\n"
                            "}\n"
                            "</style>\n";

/* What is drawn, and where. */
typedef struct picture {
    byte_sink sink;
    const bp_trainer *trainer;
    const double *training, *validation, *rates; /* of each epoch */
    size_t epochs;
    log_axis errors, rate_axis;
    bool has_validation;
} picture;

/* A panel from side to side. */
typedef struct value_panel {
    const log_axis *axis;
    double top, bottom;
} value_panel;

static picture compose(const bp_trainer *trainer)
{
    picture p = {.trainer = trainer};
    p.training = bpi_history_column(trainer, HISTORY_MEAN_ERROR, &p.epochs);
    p.validation = bpi_history_column(trainer, HISTORY_VALIDATION_ERROR, &p.epochs);
    p.rates = bpi_history_column(trainer, HISTORY_LEARNING_RATE, &p.epochs);
    value_range errors = bpi_no_values(), rates = bpi_no_values();
    bpi_range_add(&errors, p.training, p.epochs);
    bpi_range_add(&errors, p.validation, p.epochs);
    bpi_range_add(&rates, p.rates, p.epochs);
    p.errors = bpi_log_axis(&errors, ERROR_TICKS);
    p.rate_axis = bpi_log_axis(&rates, RATE_TICKS);
    for (size_t i = 0; i < p.epochs; i++)
        p.has_validation |= isfinite(p.validation[i]);
    return p;
}

/* The axis of epochs begins with 0, the time before the first. */
static size_t last_epoch(const picture *p)
{
    return p->epochs > 1 ? p->epochs : 2;
}

static double place_epoch(const picture *p, size_t epoch)
{
    return left + (right - left) * (double)epoch / (double)last_epoch(p);
}

static double place_value(const value_panel *panel, double value)
{
    return panel->bottom - (panel->bottom - panel->top) * bpi_log_place(panel->axis, value);
}

static void end_label(byte_sink *sink)
{
    bpi_svg_text(sink, "</text>\n");
}

static void label(byte_sink *sink, const char *class_name, double x, double y, const char *text)
{
    bpi_svg_begin_label(sink, class_name, x, y);
    bpi_svg_text(sink, text);
    end_label(sink);
}

/* ----------------------------------------------------------------------------- axes */

/* A number of few digits, with a power of ten where it is far from 1. */
static void put_tick(byte_sink *sink, double value)
{
    if (value > 0.00099 && value < 9999) {
        bpi_svg_text(sink, bpi_format_digits(value, 4).text);
        return;
    }
    double power = floor(log10(value) + 1e-9), multiple = value / pow(10, power);
    if (fabs(multiple - 1) > 1e-6) {
        bpi_svg_text(sink, bpi_format_digits(multiple, 2).text);
        bpi_svg_text(sink, "&#183;");
    }
    bpi_svg_text(sink, "10<tspan class=\"superscript\" dy=\"-5\">");
    bpi_svg_text(sink, power < 0 ? "&#8722;" : "");
    bpi_svg_text(sink, bpi_format_digits(fabs(power), 3).text);
    bpi_svg_text(sink, "</tspan>");
}

static void draw_value_axis(picture *p, const value_panel *panel, const char *caption)
{
    byte_sink *sink = &p->sink;
    label(sink, "muted", left, panel->top - 12, caption);
    for (size_t i = 0; i < panel->axis->tick_count; i++) {
        double y = place_value(panel, panel->axis->ticks[i]);
        bpi_svg_line(sink, "grid", left, y, right, y);
        bpi_svg_begin_label(sink, "muted end", left - 9, y + 4.5);
        put_tick(sink, panel->axis->ticks[i]);
        end_label(sink);
    }
    if (panel->axis->has_zero)
        label(sink, "muted end", left - 9, panel->bottom + 4.5, "0");
    bpi_svg_line(sink, "axis", left, panel->bottom, right, panel->bottom);
}

static void draw_epoch_axis(picture *p)
{
    byte_sink *sink = &p->sink;
    const size_t step = bpi_epoch_step(last_epoch(p), EPOCH_TICKS);
    for (size_t epoch = 0; epoch <= last_epoch(p); epoch += step) {
        double x = place_epoch(p, epoch);
        bpi_svg_line(sink, "axis", x, error_bottom, x, error_bottom + 5);
        bpi_svg_line(sink, "axis", x, rate_bottom, x, rate_bottom + 5);
        bpi_svg_begin_label(sink, "muted middle", x, rate_bottom + 20);
        bpi_svg_count(sink, epoch);
        end_label(sink);
        if (last_epoch(p) - epoch < step) /* which could overflow */
            break;
    }
    label(sink, "muted middle", (left + right) / 2, rate_bottom + 40, "epoch");
}

/* ----------------------------------------------------------------------------- curves */

static void draw_dots(picture *p, const value_panel *panel, const char *class_name, const double *values)
{
    byte_sink *sink = &p->sink;
    for (size_t i = 0; i < p->epochs && p->epochs <= MAX_DOTS; i++) {
        if (!isfinite(values[i]))
            continue;
        bpi_svg_text(sink, "<circle class=\"curve ");
        bpi_svg_text(sink, class_name);
        bpi_svg_text(sink, "\"");
        bpi_svg_attribute(sink, "cx", place_epoch(p, i + 1));
        bpi_svg_attribute(sink, "cy", place_value(panel, values[i]));
        bpi_svg_attribute(sink, "r", 1.5);
        bpi_svg_text(sink, "/>\n");
    }
}

/* A point alone is a dot, drawn by the round ends of its line. */
static void draw_curve(picture *p, const value_panel *panel, const char *class_name, const double *values)
{
    byte_sink *sink = &p->sink;
    size_t points[MAX_POINTS];
    const size_t count = bpi_thin_curve(values, p->epochs, points);
    bpi_svg_text(sink, "<path class=\"curve ");
    bpi_svg_text(sink, class_name);
    bpi_svg_text(sink, "\" d=\"M0,0"); /* never empty, which some readers refuse */
    bool pen_is_down = false;
    for (size_t i = 0; i < count; i++) {
        double value = values[points[i]];
        if (isfinite(value)) {
            bpi_svg_text(sink, pen_is_down ? "L" : "M");
            bpi_svg_coordinate(sink, place_epoch(p, points[i] + 1));
            bpi_svg_text(sink, ",");
            bpi_svg_coordinate(sink, place_value(panel, value));
            bpi_svg_text(sink, pen_is_down ? "" : "h0");
        }
        pen_is_down = isfinite(value);
    }
    bpi_svg_text(sink, "\"/>\n");
    draw_dots(p, panel, class_name, values);
}

/* The epoch of the lowest validation error, if it is among those that were kept. */
static void draw_best(picture *p)
{
    byte_sink *sink = &p->sink;
    const best_epoch *best = &p->trainer->best;
    if (best->epoch == 0 || best->epoch > p->epochs)
        return;
    const double x = place_epoch(p, best->epoch), caption_end = left + 80, half = 70;
    bpi_svg_line(sink, "best", x, error_top, x, error_bottom);
    bpi_svg_line(sink, "best", x, rate_top, x, rate_bottom);
    if (x < caption_end + half)
        bpi_svg_begin_label(sink, "best-label", fmax(x, caption_end), error_top - 12);
    else
        bpi_svg_begin_label(sink, x > right - half ? "best-label end" : "best-label middle", x,
                            error_top - 12);
    bpi_svg_text(sink, "best: epoch ");
    bpi_svg_count(sink, best->epoch);
    bpi_svg_text(sink, ", ");
    bpi_svg_text(sink, bpi_format_digits(best->validation_error, 3).text);
    end_label(sink);
}

/* --------------------------------------------------------------------------- findings */

static const char *severity_class(const bp_finding *finding)
{
    static const char *const classes[] = {"note", "warning", "error"};
    return classes[finding->severity];
}

/* A numbered circle. */
static void draw_mark(byte_sink *sink, const bp_finding *finding, size_t number, double x, double y)
{
    bpi_svg_text(sink, "<circle class=\"");
    bpi_svg_text(sink, severity_class(finding));
    bpi_svg_text(sink, "\"");
    bpi_svg_attribute(sink, "cx", x);
    bpi_svg_attribute(sink, "cy", y);
    bpi_svg_attribute(sink, "r", mark_radius);
    bpi_svg_text(sink, "/>\n");
    bpi_svg_begin_label(sink, "number", x, y + 3.5);
    bpi_svg_count(sink, number);
    end_label(sink);
}

/* The text of a finding, cut off after a word if it is longer than there is room for. */
static void shorten_text(const bp_finding *finding, size_t room, char text[SENTENCE_CAPACITY])
{
    static const char more[] = " ...";
    text[0] = 0;
    bp_finding_text(finding, text, SENTENCE_CAPACITY, NULL);
    if (strlen(text) <= room)
        return;
    size_t end = room - strlen(more);
    while (end > 0 && text[end] != ' ')
        end--;
    strcpy(text + end, more);
}

/* The line of a finding in the list: epoch, kind, and its text as far as there is room. */
static void draw_entry(byte_sink *sink, const bp_finding *finding, size_t number, double y)
{
    enum { ROOM = 115 };
    char text[SENTENCE_CAPACITY];
    shorten_text(finding, ROOM - strlen(bp_finding_kind_string(finding->kind)), text);
    draw_mark(sink, finding, number, left + mark_radius, y - 4.5);
    bpi_svg_begin_label(sink, "entry", left + 26, y);
    bpi_svg_text(sink, "epoch ");
    bpi_svg_count(sink, finding->epoch);
    bpi_svg_text(sink, ": ");
    bpi_svg_text(sink, bp_finding_kind_string(finding->kind));
    bpi_svg_text(sink, "<tspan class=\"muted\" dx=\"10\">");
    bpi_svg_escaped(sink, text);
    bpi_svg_text(sink, "</tspan>");
    end_label(sink);
}

/* Marks stand side by side where they would cover each other; each has a tick at its epoch. */
static void draw_findings(picture *p)
{
    const bp_trainer *trainer = p->trainer;
    double free_from = left;
    for (size_t i = 0; i < trainer->finding_count; i++) {
        const bp_finding *finding = &trainer->findings[i];
        size_t epoch = finding->epoch > last_epoch(p) ? last_epoch(p) : finding->epoch;
        double place = place_epoch(p, epoch), x = fmin(fmax(place, free_from), right);
        bpi_svg_line(&p->sink, "axis", place, error_bottom, x, marks_y - mark_radius);
        draw_mark(&p->sink, finding, i + 1, x, marks_y);
        free_from = x + 2 * mark_radius + 2;
        draw_entry(&p->sink, finding, i + 1, list_top + list_step * (double)i);
    }
}

/* -------------------------------------------------------------------------- the whole */

static double height_of(const picture *p)
{
    size_t entries = p->trainer->finding_count;
    return entries == 0 ? rate_bottom + 40 + bottom_space
                        : list_top + list_step * (double)(entries - 1) + bottom_space;
}

static void draw_frame(picture *p)
{
    byte_sink *sink = &p->sink;
    const double height = height_of(p);
    bpi_svg_text(sink,
                 "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<svg xmlns=\"http://www.w3.org/2000/svg\"");
    bpi_svg_attribute(sink, "width", width);
    bpi_svg_attribute(sink, "height", height);
    bpi_svg_text(sink, " viewBox=\"0 0 ");
    bpi_svg_coordinate(sink, width);
    bpi_svg_text(sink, " ");
    bpi_svg_coordinate(sink, height);
    bpi_svg_text(sink, "\">\n<title>Learning curve</title>\n");
    bpi_svg_text(sink, style);
    bpi_svg_text(sink, "<rect class=\"background\" width=\"100%\" height=\"100%\"/>\n");
}

static void draw_legend_entry(byte_sink *sink, const char *class_name, double x, const char *text)
{
    bpi_svg_text(sink, "<path class=\"curve ");
    bpi_svg_text(sink, class_name);
    bpi_svg_text(sink, "\" d=\"M");
    bpi_svg_coordinate(sink, x);
    bpi_svg_text(sink, ",31h24\"/>\n");
    label(sink, "legend", x + 31, 35.5, text);
}

/* The title, what the last epoch came to, and the legend. */
static void draw_head(picture *p)
{
    byte_sink *sink = &p->sink;
    label(sink, "title", left, 37, "Learning curve");
    bpi_svg_begin_label(sink, "muted", left + 150, 37);
    bpi_svg_count(sink, p->epochs);
    bpi_svg_text(sink, p->epochs == 1 ? " epoch, mean error " : " epochs, last mean error ");
    bpi_svg_text(sink, bpi_format_digits(p->training[p->epochs - 1], 3).text);
    end_label(sink);
    draw_legend_entry(sink, "training", p->has_validation ? right - 200 : right - 83, "training");
    if (p->has_validation)
        draw_legend_entry(sink, "validation", right - 92, "validation");
}

static void draw(picture *p)
{
    const value_panel errors = {&p->errors, error_top, error_bottom},
                      rates = {&p->rate_axis, rate_top, rate_bottom};
    draw_frame(p);
    draw_head(p);
    draw_value_axis(p, &errors, "mean error");
    draw_value_axis(p, &rates, "learning rate");
    draw_epoch_axis(p);
    draw_best(p);
    draw_curve(p, &rates, "rate", p->rates);
    if (p->has_validation)
        draw_curve(p, &errors, "validation", p->validation);
    draw_curve(p, &errors, "training", p->training);
    draw_findings(p);
    bpi_svg_text(&p->sink, "</svg>\n");
}

bp_status bp_trainer_save_curve(const bp_trainer *trainer, const char *path)
{
    BPI_REQUIRE(trainer);
    BPI_REQUIRE(path);
    if (!trainer->options.keep_history)
        return bpi_fail(BP_ERROR_STATE, "%s: the trainer was created without options.keep_history", __func__);
    if (trainer->epochs == 0)
        return bpi_fail(BP_ERROR_STATE, "%s: no epoch has finished", __func__);
    picture p = compose(trainer);
    draw(&p);
    const size_t size = p.sink.used;
    unsigned char *bytes = bpi_allocate(&trainer->allocator, size, 1);
    if (bytes == NULL)
        return bpi_fail(BP_ERROR_MEMORY, "%s: out of memory", __func__);
    p.sink = (byte_sink){.bytes = bytes};
    draw(&p);
    bp_status status = bpi_write_file(path, bytes, size, &trainer->allocator);
    bpi_release(&trainer->allocator, bytes);
    return status;
}
