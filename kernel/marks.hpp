// Marks: the nonzero pixels of an image as a sparse vector, that is, the places of their rows of weights and their
// values (ink) from 0 to 1; and the first layer's products with it.
#pragma once

#include <array>

#include "ink.hpp"
#include "lanes.hpp"

namespace glassnet::GLASSNET_ISA {

// The inked pixels of some images, ready for the first layer.
struct Marks {
    std::size_t stride = 0;        // marks from one image to the next
    Buffer<std::uint32_t> places;  // bytes from a block's first row of weights to the pixel's
    Buffer<float> inks;            // pixel / 255
    std::vector<std::uint32_t> counts;

    std::uint32_t* places_of(std::size_t i) { return places.data() + i * stride; }
    float* inks_of(std::size_t i) { return inks.data() + i * stride; }

    Marks() = default;
    Marks(std::size_t n_images, std::size_t most_marks)
        : stride(padded(most_marks)), places(n_images * stride), inks(n_images * stride), counts(n_images) {}
};

constexpr std::uint32_t row_bytes = block * sizeof(float);

// v / 255, correctly rounded for every byte, as a test sees for all 256: a division would take four times as long. The
// quotient is corrected by its remainder, which is exact, since 255 q is taken as 256 q - q, both of them exact.
inline Vector ink_of(Vector v) {
    const Vector quotient = v * (1.0f / 255), above = quotient * 256.0f;
    const Vector rest = (v - above) + quotient;
    return quotient + rest * (1.0f / 255);
}

// Call each(pixel) for all pixels of an image that may be inked, in order; eight that are off are skipped at once.
template <typename Each>
inline void for_each_ink(const std::uint8_t* image, int n_pixels, Each each) {
    int k = 0;
    for (; k + 8 <= n_pixels; k += 8) {
        std::uint64_t eight;
        std::memcpy(&eight, image + k, sizeof eight);
        if (eight == 0) continue;
        for (int u = 0; u < 8; u++) each(k + u);
    }
    for (; k < n_pixels; k++) each(k);
}

#if GLASSNET_LANES == 16
// 64 pixels at a time, of which the inked ones are pressed together. Returns how many there are in all.
#define GLASSNET_WITH_VBMI2 __attribute__((target("avx512f,avx512bw,avx512vl,avx512dq,avx512vbmi2")))
GLASSNET_WITH_VBMI2 inline std::size_t press_marks(const std::uint8_t* image, int n_pixels, std::uint16_t* places,
                                                   std::uint8_t* darknesses) {
    alignas(64) static constexpr auto ascending_bytes = [] {
        std::array<std::uint8_t, 64> bytes{};
        for (int i = 0; i < 64; i++) bytes[i] = static_cast<std::uint8_t>(i);
        return bytes;
    }();
    const __m512i own_places = _mm512_load_si512(ascending_bytes.data());
    std::size_t n = 0;
    const auto press = [&](int k, __m512i pixels) GLASSNET_WITH_VBMI2 __attribute__((always_inline)) {
        __builtin_prefetch(image + k + 3136);  // a few images ahead of these
        const __mmask64 inked = _mm512_test_epi8_mask(pixels, pixels);
        const __m512i some_places = _mm512_maskz_compress_epi8(inked, own_places), start = _mm512_set1_epi16(k);
        const int count = __builtin_popcountll(inked);
        _mm512_storeu_si512(darknesses + n, _mm512_maskz_compress_epi8(inked, pixels));
        const __m512i half = _mm512_cvtepu8_epi16(_mm512_castsi512_si256(some_places));
        _mm512_storeu_si512(places + n, _mm512_add_epi16(half, start));
        if (count > 32) {  // seldom
            const __m512i rest = _mm512_cvtepu8_epi16(_mm512_extracti64x4_epi64(some_places, 1));
            _mm512_storeu_si512(places + n + 32, _mm512_add_epi16(rest, start));
        }
        n += count;
    };
    int k = 0;
    for (; k + 64 <= n_pixels; k += 64) press(k, _mm512_loadu_si512(image + k));
    if (k < n_pixels) press(k, _mm512_maskz_loadu_epi8((1ull << (n_pixels - k)) - 1, image + k));
    return n;
}
#endif

constexpr std::size_t beyond_marks = 64;  // what find_marks may write beyond the last mark

// Write an image's marks, padded to a multiple of ink_group with marks without ink; returns how many there are then.
inline std::size_t find_marks(const std::uint8_t* image, int n_pixels, std::uint16_t* places,
                              std::uint8_t* darknesses) {
    std::size_t n = 0;
#if GLASSNET_LANES == 16
    static const bool can_press = this_processor().avx512_vbmi2;
    if (can_press)
        n = press_marks(image, n_pixels, places, darknesses);
    else
#endif
        for_each_ink(image, n_pixels, [&](int k) {  // without a branch: the next one overwrites what has no ink
            places[n] = static_cast<std::uint16_t>(k);
            darknesses[n] = image[k];
            n += image[k] != 0;
        });
    const std::size_t whole = marks_up(n);
    for (; n < whole; n++) places[n] = 0, darknesses[n] = 0;
    return whole;
}

// Turn darknesses into numbers from 0 to 1, a whole vector at a time to the very end: what is read and written beyond
// the last mark is never looked at.
inline void widen_inks(const std::uint8_t* darknesses, std::size_t n, float* inks) {
    for (std::size_t i = 0; i < n; i += lanes)
        store(inks + i, ink_of(__builtin_convertvector(widen(darknesses + i), Vector)));
}

inline void unpack_marks(const Ink& ink, std::size_t image, std::uint32_t* places, float* inks) {
    const std::size_t n = ink.counts[image];
    const std::uint8_t* packed = ink.marks.data() + ink.starts[image];
    const std::uint16_t* from = reinterpret_cast<const std::uint16_t*>(packed);
    for (std::size_t i = 0; i < n; i += lanes)
        *reinterpret_cast<Integers*>(places + i) = widen(from + i) * static_cast<int>(row_bytes);
    widen_inks(packed + n * sizeof(std::uint16_t), n, inks);
}

inline void prefetch_marks(const Ink& ink, std::size_t image) {
    const std::uint8_t* first = ink.marks.data() + ink.starts[image];
    const std::uint8_t* last = ink.marks.data() + ink.starts[image + 1];
    for (; first < last; first += 64) __builtin_prefetch(first);
}

inline const float* row_at(const float* weights, std::uint32_t place) {
    return reinterpret_cast<const float*>(reinterpret_cast<const char*>(weights) + place);
}

// The rows of weights at ink_group places, which are loaded at once where they are small: the product waits for these
// loads.
inline void rows_at(const float* weights, const std::uint32_t* places, const float* (&rows)[ink_group]) {
    GLASSNET_EACH (u, ink_group) rows[u] = row_at(weights, places[u]);
}

inline void rows_at(const float* weights, const std::uint16_t* places, const float* (&rows)[ink_group]) {
    static_assert(ink_group * sizeof(std::uint16_t) == sizeof(std::uint64_t));
    std::uint64_t four;
    std::memcpy(&four, places, sizeof four);
    GLASSNET_EACH (u, ink_group) rows[u] = row_at(weights, static_cast<std::uint16_t>(four >> (16 * u)) * row_bytes);
}

// The weighted inputs of a block of neurons for one image, the product of its rows of weights with a sparse vector:
// biases + the sum over the image's marks of ink * the row of weights at the mark's place.
template <typename Place>
inline __attribute__((always_inline)) void sparse_product(const float* weights, const float* biases,
                                                          const Place* places, const float* inks, std::size_t n,
                                                          Vector (&z)[parts]) {
    constexpr int chains = lanes == 4 ? 2 : 4;  // sums that do not wait for each other
    Vector sums[parts][chains] = {};
    GLASSNET_EACH (p, parts) sums[p][0] = load(biases + p * lanes);
    for (std::size_t i = 0; i < n; i += ink_group) {
        const float* rows[ink_group];
        rows_at(weights, places + i, rows);
        GLASSNET_EACH (u, ink_group) {
            const Vector dark = broadcast(inks[i + u]);
            GLASSNET_EACH (p, parts) sums[p][u % chains] += dark * load(rows[u] + p * lanes);
        }
    }
    GLASSNET_EACH (p, parts) {
        z[p] = sums[p][0] + sums[p][1];
        for (int c = 2; c < chains; c++) z[p] += sums[p][c];
    }
}

// Add `nudge` times the ink to the weights of the inked pixels: what one image asks of a block of neurons.
inline void nudge_rows(float* weights, const std::uint32_t* places, const float* inks, std::size_t n,
                       const Vector (&nudge)[parts]) {
    const auto nudge_row = [&](std::size_t i) __attribute__((always_inline)) {
        float* row = const_cast<float*>(row_at(weights, places[i]));
        const Vector dark = broadcast(inks[i]);
        GLASSNET_EACH (p, parts) store(row + p * lanes, load(row + p * lanes) + dark * nudge[p]);
    };
    std::size_t i = 0;
    for (; i + ink_group <= n; i += ink_group)
        GLASSNET_EACH (u, ink_group) nudge_row(i + u);
    for (; i < n; i++) nudge_row(i);
}

}  // namespace glassnet::GLASSNET_ISA
