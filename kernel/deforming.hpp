// Deforming: digits as other hands and pens would have written them. A source image is 56 x 56, its ink in a box of 40;
// what comes out is 28 x 28, normalised again as every image is before it is read: a longer side of 20 pixels, the
// centre of mass in the middle. src/glassnet/recipes/reference.py is the same in NumPy; knobs.py beside it says what
// the knobs mean.
#pragma once

#include <cmath>

#include "engine.hpp"
#include "lanes.hpp"

namespace glassnet::GLASSNET_ISA {

constexpr int fine = deform_source_side, rows_of_field = deform_field_side, small = 28;
constexpr int fine_stride = 64;       // floats or bytes from one row to the next
constexpr float edge_of_ink = 0.15f;  // as in src/glassnet/digits/normalise.py

// Four bytes from each place.
inline Integers gather(const std::uint8_t* from, Integers places) {
#if GLASSNET_LANES == 16
    return (Integers)_mm512_i32gather_epi32((__m512i)places, from, 1);
#elif GLASSNET_LANES == 8
    return (Integers)_mm256_i32gather_epi32(reinterpret_cast<const int*>(from), (__m256i)places, 1);
#else
    Integers words;
    for (int u = 0; u < lanes; u++) {
        std::int32_t word;
        std::memcpy(&word, from + places[u], sizeof word);
        words[u] = word;
    }
    return words;
#endif
}

inline Vector as_floats(Integers values) { return __builtin_convertvector(values, Vector); }

// Keys' cubic, a = -1/2: what Pillow's BICUBIC weighs pixels by.
inline float cubic(float x) {
    x = std::fabs(x);
    if (x < 1) return (1.5f * x - 2.5f) * x * x + 1;
    if (x < 2) return ((-0.5f * x + 2.5f) * x - 4) * x + 2;
    return 0;
}

// Which old pixels make a new one, and with what weights, when `n_in` are scaled to `n_out` of them, antialiased.
struct Taps {
    int first, n;
    float weights[fine];

    Taps(int to, int n_in, int n_out) {
        const float scale = static_cast<float>(n_in) / n_out, wide = std::max(scale, 1.0f);
        const float centre = (to + 0.5f) * scale, reach = 2 * wide;
        first = std::max(0, static_cast<int>(centre - reach + 0.5f));
        n = std::min(n_in, static_cast<int>(centre + reach + 0.5f)) - first;
        float total = 0;
        for (int k = 0; k < n; k++) total += weights[k] = cubic((first + k - centre + 0.5f) / wide);
        for (int k = 0; k < n; k++) weights[k] /= total;
    }
};

class Deformer {
 public:
    Deformer() : basis() {
        for (int r = 0; r < fine; r++) {  // cubic B-splines over the field's knots
            const float place = static_cast<float>(r) / (fine - 1) * (rows_of_field - 3);
            const int knot = std::min(static_cast<int>(place), rows_of_field - 4);
            const float t = place - knot, u = 1 - t;
            basis[r][knot] = u * u * u / 6;
            basis[r][knot + 1] = (3 * t * t * t - 6 * t * t + 4) / 6;
            basis[r][knot + 2] = (3 * u * u * u - 6 * u * u + 4) / 6;
            basis[r][knot + 3] = t * t * t / 6;
        }
    }

    void deform(const std::uint8_t* source, const Knobs& knobs, const float* field, std::uint8_t* to) {
        std::memset(sheet, 0, sizeof sheet);
        for (int r = 0; r < fine; r++) std::memcpy(sheet[r + 1] + 1, source + r * fine, fine);
        widen_strokes(knobs.stroke_px);
        warp(knobs, field);
        normalise(knobs);
        tone(knobs);
        for (int r = 0; r < small; r++)
            for (int c = 0; c < small; c++)
                to[r * small + c] = static_cast<std::uint8_t>(std::nearbyint(image[r + 1][c + 1] * 255.0f));
    }

 private:
    // Strokes thicker or thinner, a pixel of each edge at a time, over the four neighbours and over all eight in turn;
    // the last step in part. At least a third of the ink stays.
    void widen_strokes(float amount) {
        const bool grows = amount > 0;
        const int steps = static_cast<int>(std::ceil(std::fabs(amount)));
        const long least = ink_of_sheet() / 3;
        for (int step = 0; step < steps; step++) {
            const int share = static_cast<int>(std::nearbyint(256 * std::min(std::fabs(amount) - step, 1.0f)));
            std::memcpy(before, sheet, sizeof sheet);
            if (grows)
                step % 2 ? move_edges<true, true>(share) : move_edges<true, false>(share);
            else
                step % 2 ? move_edges<false, true>(share) : move_edges<false, false>(share);
            if (!grows && ink_of_sheet() < least) {
                std::memcpy(sheet, before, sizeof sheet);
                return;
            }
        }
    }

    template <bool grows, bool over_corners>
    void move_edges(int share) {
        const auto extreme = [](int a, int b) { return grows ? std::max(a, b) : std::min(a, b); };
        for (int r = 1; r <= fine; r++) {
            const std::uint8_t *above = before[r - 1], *here = before[r], *below = before[r + 1];
            for (int c = 1; c <= fine; c++) {
                int value = extreme(extreme(above[c], below[c]), extreme(here[c - 1], here[c + 1]));
                if (over_corners)
                    value = extreme(value,
                                    extreme(extreme(above[c - 1], above[c + 1]), extreme(below[c - 1], below[c + 1])));
                value = extreme(value, here[c]);
                sheet[r][c] = static_cast<std::uint8_t>((here[c] * (256 - share) + value * share + 128) >> 8);
            }
        }
    }

    long ink_of_sheet() const {
        long total = 0;
        for (const auto& row : sheet)
            for (const std::uint8_t value : row) total += value;
        return total;
    }

    // Rows from the middle, the lower or the upper ones nearer together than they are, so that what stands there comes
    // out longer; as much as is needed to keep the whole in the middle.
    static float row_of(float row, float tail) {
        const float dense = 1 - std::min(std::fabs(tail), 0.9f), half = deform_box_side * 0.5f;
        const float down = (tail < 0 ? -row : row) + half * (1 / dense - 1) * 0.5f;
        const float from = down > 0 ? down * dense : down;
        return tail < 0 ? -from : from;
    }

    // ink[r][c] = the sheet at matrix (r, c) + the field there, bilinear; all counted from the middle.
    void warp(const Knobs& knobs, const float* field) {
        float across[2][rows_of_field][fine_stride] = {};  // the field's rows, spread over the columns
        for (int axis = 0; axis < 2; axis++)
            for (int i = 0; i < rows_of_field; i++)
                for (int j = 0; j < rows_of_field; j++) {
                    const float value = field[(axis * rows_of_field + i) * rows_of_field + j] * knobs.elastic_px;
                    for (int c = 0; c < fine; c++) across[axis][i][c] += value * basis[c][j];
                }
        const float middle = (fine - 1) * 0.5f;
        const Vector ascending_floats = as_floats(ascending());
        for (int r = 0; r < fine; r++) {
            const float row = row_of(r - middle, knobs.tail);
            for (int c = 0; c < fine_stride; c += lanes) {
                Vector rows{}, columns{};
                for (int i = 0; i < rows_of_field; i++) {
                    rows += basis[r][i] * load_unaligned(across[0][i] + c);
                    columns += basis[r][i] * load_unaligned(across[1][i] + c);
                }
                const Vector x = ascending_floats + (c - middle);
                rows += knobs.matrix[0] * row + knobs.matrix[1] * x + (middle + 1);
                columns += knobs.matrix[2] * row + knobs.matrix[3] * x + (middle + 1);
                // the sheet has a rim of paper, so that no place needs a test of its own
                rows = smaller(larger(rows, Vector{}), broadcast(fine + 0.999f));
                columns = smaller(larger(columns, Vector{}), broadcast(fine + 0.999f));
                const Integers top = __builtin_convertvector(rows, Integers);
                const Integers left = __builtin_convertvector(columns, Integers);
                const Vector down = rows - as_floats(top), right = columns - as_floats(left);
                const Integers corner = top * fine_stride + left;
                const Integers upper = gather(sheet[0], corner), lower = gather(sheet[1], corner);
                const Vector a = as_floats(upper & 255), b = as_floats((upper >> 8) & 255);
                const Vector d = as_floats(lower & 255), e = as_floats((lower >> 8) & 255);
                const Vector high = a + (b - a) * right, low = d + (e - d) * right;
                const Vector value = (high + (low - high) * down) * (1.0f / 255);
                std::memcpy(ink[r] + c, &value, sizeof value);
            }
        }
        const auto whole = [](float edge) {
            return static_cast<int>(std::ceil(std::min(std::max(edge, 0.0f), 1.0f * fine)));
        };
        const int first_row = whole(knobs.kept[0]), end_row = whole(knobs.kept[1]);
        const int first_column = whole(knobs.kept[2]), end_column = std::max(first_column, whole(knobs.kept[3]));
        for (int r = 0; r < fine; r++) {
            const bool is_kept = r >= first_row && r < end_row;
            std::fill(ink[r], ink[r] + (is_kept ? first_column : fine_stride), 0.0f);
            std::fill(ink[r] + end_column, ink[r] + fine_stride, 0.0f);
        }
    }

    // The ink's box, scaled so that its longer side has so many pixels, its centre of mass in the middle of the image.
    void normalise(const Knobs& knobs) {
        std::memset(image, 0, sizeof image);
        int top = fine, bottom = 0, left = fine, right = 0;
        alignas(64) float of_column[fine_stride] = {};
        for (int r = 0; r < fine; r++) {
            Vector of_row{};
            for (int c = 0; c < fine_stride; c += lanes) {
                const Vector value = load(ink[r] + c);
                of_row = larger(of_row, value);
                store(of_column + c, larger(load(of_column + c), value));
            }
            bool is_inked = false;
            for (int u = 0; u < lanes; u++) is_inked |= of_row[u] > edge_of_ink;
            if (is_inked) top = std::min(top, r), bottom = r + 1;
        }
        for (int c = 0; c < fine; c++)
            if (of_column[c] > edge_of_ink) left = std::min(left, c), right = c + 1;
        if (bottom == 0) return;
        const int height = bottom - top, width = right - left;
        const float scale = knobs.box_px / std::max(height, width);
        const int rows = std::max(1, static_cast<int>(std::nearbyint(height * scale)));
        const int columns = std::max(1, static_cast<int>(std::nearbyint(width * scale)));
        float tall[small][fine_stride];  // scaled one way
        for (int r = 0; r < rows; r++) {
            const Taps taps(r, height, rows);
            for (int c = 0; c < width; c++) tall[r][c] = 0;
            for (int k = 0; k < taps.n; k++)
                for (int c = 0; c < width; c++) tall[r][c] += taps.weights[k] * ink[top + taps.first + k][left + c];
        }
        float scaled[small][small], most = 0;
        for (int c = 0; c < columns; c++) {
            const Taps taps(c, width, columns);
            for (int r = 0; r < rows; r++) {
                float value = 0;
                for (int k = 0; k < taps.n; k++) value += taps.weights[k] * tall[r][taps.first + k];
                scaled[r][c] = std::min(std::max(value, 0.0f), 1.0f);
                most = std::max(most, scaled[r][c]);
            }
        }
        if (most == 0) return;
        double total = 0, down = 0, along = 0;
        for (int r = 0; r < rows; r++)
            for (int c = 0; c < columns; c++)
                total += scaled[r][c], down += double(scaled[r][c]) * r, along += double(scaled[r][c]) * c;
        const auto corner = [&](double centre, float shift, int length) {
            const int place = static_cast<int>(std::nearbyint(small / 2 - centre)) + static_cast<int>(shift);
            return std::min(std::max(place, 0), small - length);
        };
        const int first_row = corner(down / total, knobs.shift_px[0], rows);
        const int first_column = corner(along / total, knobs.shift_px[1], columns);
        for (int r = 0; r < rows; r++)
            for (int c = 0; c < columns; c++) image[first_row + r + 1][first_column + c + 1] = scaled[r][c] / most;
    }

    // Ink that is fainter or stronger, blurred over 3 x 3 pixels, and grainy paper.
    void tone(const Knobs& knobs) {
        for (auto& row : image)
            for (float& value : row) value = std::min(value * knobs.gain, knobs.most);
        if (knobs.blur > 0) {
            float across[small + 2][small + 2] = {};
            for (int r = 1; r <= small; r++)
                for (int c = 1; c <= small; c++)
                    across[r][c] = (image[r][c - 1] + 2 * image[r][c] + image[r][c + 1]) * 0.25f;
            for (int r = 1; r <= small; r++)
                for (int c = 1; c <= small; c++) {
                    const float blurred = (across[r - 1][c] + 2 * across[r][c] + across[r + 1][c]) * 0.25f;
                    image[r][c] += knobs.blur * (blurred - image[r][c]);
                }
        }
        if (knobs.grain > 0 || knobs.specks > 0) {
            std::uint32_t state = knobs.seed * 2654435761u + 1;
            const auto uniform = [&] {  // xorshift, G. Marsaglia 2003; from 0 to 1
                state ^= state << 13, state ^= state >> 17, state ^= state << 5;
                return static_cast<float>(state >> 8) * (1.0f / (1 << 24));
            };
            for (int i = 0; i < 16; i++) uniform();
            for (int r = 1; r <= small; r++)
                for (int c = 1; c <= small; c++) {
                    // the sum of two is near enough to a normal distribution's shape; its deviation is 0.41
                    image[r][c] += knobs.grain * (uniform() + uniform() - 1) * 2.45f;
                    if (uniform() < knobs.specks) image[r][c] = uniform();
                }
        }
        for (auto& row : image)
            for (float& value : row) value = std::min(std::max(value, 0.0f), 1.0f);
    }

    std::uint8_t sheet[fine + 3][fine_stride], before[fine + 3][fine_stride];
    alignas(64) float ink[fine][fine_stride];
    float image[small + 2][small + 2];  // with a rim of paper
    float basis[fine][rows_of_field];
};

}  // namespace glassnet::GLASSNET_ISA
