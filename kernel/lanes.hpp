// Lanes: vectors of float32 as wide as the instruction set has them, and the functions of them that neurons need.
//
// This file and all that include it are compiled once for every instruction set, each time into a namespace of its own.
// The vectors are those of GCC and Clang, so that one source serves all.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <utility>

#include "network.hpp"

#ifndef GLASSNET_ISA
#error "compile with -DGLASSNET_ISA=<name of the namespace> and -DGLASSNET_LANES=<floats in a vector>"
#endif

namespace glassnet::GLASSNET_ISA {

constexpr int lanes = GLASSNET_LANES;
constexpr int parts = block / lanes;  // vectors in a block

typedef float Vector __attribute__((vector_size(lanes * 4)));
typedef float Unaligned __attribute__((vector_size(lanes * 4), aligned(4)));
typedef int32_t Integers __attribute__((vector_size(lanes * 4)));

inline Vector load(const float* from) { return *reinterpret_cast<const Vector*>(from); }
inline void store(float* to, Vector value) { *reinterpret_cast<Vector*>(to) = value; }
inline Vector load_unaligned(const float* from) { return *reinterpret_cast<const Unaligned*>(from); }
inline Vector broadcast(float value) { return value - Vector{}; }
inline Integers bits(Vector value) { return reinterpret_cast<Integers>(value); }
inline Vector of_bits(Integers value) { return reinterpret_cast<Vector>(value); }

inline Vector smaller(Vector a, Vector b) { return b < a ? b : a; }  // a where either is not a number
inline Vector larger(Vector a, Vector b) { return b > a ? b : a; }

// As many bytes, or numbers of two bytes, as there are lanes. (GCC would convert them one by one for
// __builtin_convertvector.)
inline Integers widen(const std::uint8_t* from) {
#if GLASSNET_LANES == 16
    return (Integers)_mm512_cvtepu8_epi32(_mm_loadu_si128(reinterpret_cast<const __m128i*>(from)));
#elif GLASSNET_LANES == 8
    return (Integers)_mm256_cvtepu8_epi32(_mm_loadl_epi64(reinterpret_cast<const __m128i*>(from)));
#elif defined(GLASSNET_X86)
    return (Integers)_mm_cvtepu8_epi32(_mm_loadu_si32(from));
#else
    typedef std::uint8_t Bytes __attribute__((vector_size(lanes), aligned(1)));
    return __builtin_convertvector(*reinterpret_cast<const Bytes*>(from), Integers);
#endif
}

inline Integers widen(const std::uint16_t* from) {
#if GLASSNET_LANES == 16
    return (Integers)_mm512_cvtepu16_epi32(_mm256_loadu_si256(reinterpret_cast<const __m256i*>(from)));
#elif GLASSNET_LANES == 8
    return (Integers)_mm256_cvtepu16_epi32(_mm_loadu_si128(reinterpret_cast<const __m128i*>(from)));
#elif defined(GLASSNET_X86)
    return (Integers)_mm_cvtepu16_epi32(_mm_loadl_epi64(reinterpret_cast<const __m128i*>(from)));
#else
    typedef std::uint16_t Shorts __attribute__((vector_size(2 * lanes), aligned(2)));
    return __builtin_convertvector(*reinterpret_cast<const Shorts*>(from), Integers);
#endif
}

// 0, 1, 2, ...
inline Integers ascending() {
    Integers places;
    for (int i = 0; i < lanes; i++) places[i] = i;
    return places;
}

// Numbers of two vectors that are laid end to end: lane i takes the one at Places::of(i).
template <typename Places>
inline Vector chosen(Vector first, Vector second) {
    return [&]<int... i>(std::integer_sequence<int, i...>) {
        return __builtin_shufflevector(first, second, Places::of(i)...);
    }(std::make_integer_sequence<int, lanes>{});
}

template <int distance>
struct Opposite {
    static constexpr int of(int i) { return i ^ distance; }
};

// The sum of all lanes: each is added to the one whose number differs in one bit, bit after bit, until all hold it.
template <int distance = 1>
inline float sum(Vector value) {
    if constexpr (distance == lanes) {
        return value[0];
    } else {
        return sum<2 * distance>(value + chosen<Opposite<distance>>(value, value));
    }
}

template <int distance>
struct IntoFirst {
    static constexpr int of(int i) { return i & distance ? i + lanes - distance : i; }
};

template <int distance>
struct IntoSecond {
    static constexpr int of(int i) { return i & distance ? i + lanes : i + distance; }
};

// Transpose a square of numbers: row i of `rows` becomes column i. Between pairs of rows single numbers change places
// first, then pairs of numbers, then fours, ...
template <int distance = 1>
inline void transpose_square(Vector (&rows)[lanes]) {
    if constexpr (distance < lanes) {
        GLASSNET_EACH (i, lanes) {
            if (i & distance) continue;
            const Vector first = rows[i], second = rows[i + distance];
            rows[i] = chosen<IntoFirst<distance>>(first, second);
            rows[i + distance] = chosen<IntoSecond<distance>>(first, second);
        }
        transpose_square<2 * distance>(rows);
    }
}

// e^r - 1 and 2^n with x = n ln 2 + r, |r| <= ln(2) / 2: the Taylor series to r^7, whose remainder is below 6e-9 of the
// sum.
struct Exponential {
    Vector fraction, power;
};

inline Exponential exponential(Vector x) {
    constexpr float shift =
        12582912.0f;  // 1.5 * 2^23: adding it rounds to a whole number, which the sum's last bits then hold
    x = smaller(larger(x, broadcast(-87.0f)), broadcast(88.0f));
    const Vector shifted = x * 1.44269504f + shift, n = shifted - shift;
    const Vector r = (x - n * 0.693359375f) - n * -2.12194440e-4f;  // ln 2 in two parts, the first exact for every n
    Vector series = broadcast(1.0f / 5040);
    series = series * r + 1.0f / 720;
    series = series * r + 1.0f / 120;
    series = series * r + 1.0f / 24;
    series = series * r + 1.0f / 6;
    series = series * r + 0.5f;
    series = series * (r * r) + r;
    return {series, of_bits((bits(shifted) << 23) + (127 << 23))};  // the bits of `shift` are shifted out
}

inline Vector exp(Vector x) {
    const auto [fraction, power] = exponential(x);
    return fraction * power + power;
}

inline Vector sigmoid(Vector z) { return 1.0f / (1.0f + exp(-z)); }

inline Vector tanh(Vector z) {
    const auto [fraction, power] = exponential(2.0f * z);
    const Vector less_one = fraction * power + (power - 1.0f);  // e^2z - 1, in which no digits cancel near 0
    return less_one / (less_one + 2.0f);
}

}  // namespace glassnet::GLASSNET_ISA
