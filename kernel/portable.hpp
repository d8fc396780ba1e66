// Portable: what compilers, processors and systems each do in their own way, in one place, so that no other file asks
// which of them it has. GCC 12, Clang 14 (Apple's, zig's) and later; x86-64, aarch64, WebAssembly; Linux, macOS,
// Windows.
#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <new>

// Processors. Their instruction sets are chosen when the program runs (this_processor) or, by CMake, when it is
// compiled.
#if defined(__x86_64__) || defined(_M_X64)
#define GLASSNET_X86 1
#include <cpuid.h>
#include <immintrin.h>
#elif defined(__aarch64__) || defined(_M_ARM64)
#define GLASSNET_ARM 1
#elif defined(__wasm_simd128__)
#define GLASSNET_WASM 1
#endif

// Threads and exceptions: all have them but WebAssembly modules, where a team has one member and a failure stops all.
#if defined(__wasm__) && !defined(_REENTRANT)
#define GLASSNET_THREADS 0
#else
#define GLASSNET_THREADS 1
#endif

#if GLASSNET_THREADS
#include <thread>
#endif
#if defined(__linux__)
#include <sched.h>
#include <sys/mman.h>
#endif
#if GLASSNET_THREADS && (defined(__unix__) || defined(__APPLE__))
#include <unistd.h>
#endif

// GLASSNET_EACH(i, 4) is for (int i = 0; i < 4; i++), for a few rounds whose number is known at compile time: the loop
// is unrolled, so that what the rounds share stays in registers.
#if defined(__clang__)
#define GLASSNET_UNROLL _Pragma("clang loop unroll(full)")
#pragma clang fp contract(fast)  // a product and a sum after it are one instruction, as by default in GCC
#else
#define GLASSNET_UNROLL _Pragma("GCC unroll 16")
#endif
#define GLASSNET_EACH(name, n) GLASSNET_UNROLL for (int name = 0; name < (n); name++)

namespace glassnet {

// For a thread that waits for another, a few nanoseconds at a time.
inline void relax() {
#if defined(GLASSNET_X86)
    _mm_pause();
#elif defined(GLASSNET_ARM)
    asm volatile("yield");
#endif
}

// Numbers too small for float32's normal form make processors a hundred times slower, and count for nothing here.
// (WebAssembly has no way to say so.)
class TinyNumbersAreZero {
 public:
#if defined(GLASSNET_X86)
    TinyNumbersAreZero() : before_(_mm_getcsr()) { _mm_setcsr(before_ | flush_to_zero | denormals_are_zero); }
    ~TinyNumbersAreZero() { _mm_setcsr(before_); }

 private:
    static constexpr unsigned flush_to_zero = 0x8000;       // FTZ: of results
    static constexpr unsigned denormals_are_zero = 0x0040;  // DAZ: of operands
    unsigned before_;
#elif defined(GLASSNET_ARM)
    TinyNumbersAreZero() {
        asm volatile("mrs %0, fpcr" : "=r"(before_));
        asm volatile("msr fpcr, %0" : : "r"(before_ | flush_to_zero));
    }
    ~TinyNumbersAreZero() { asm volatile("msr fpcr, %0" : : "r"(before_)); }

 private:
    static constexpr unsigned long long flush_to_zero = 1ull << 24;  // FZ: of both
    unsigned long long before_;
#else
    TinyNumbersAreZero() {}
    ~TinyNumbersAreZero() {}
#endif
};

// What a processor can do, and the system lets programs use.
struct Processor {
    bool sse42 = false, avx2 = false, avx512 = false, avx512_vbmi2 = false;
};

// What a processor says of itself: the words of CPUID that tell of its instructions, and which registers the system
// saves. Bits: Intel's manual, volume 2, CPUID; volume 1, 13.3 (XCR0).
struct Words {
    unsigned first_c = 0, saved = 0, seventh_b = 0, seventh_c = 0;
};

constexpr bool has(unsigned word, int bit) { return (word >> bit & 1) != 0; }

constexpr Processor processor_of(const Words& words) {
    Processor can;
    can.sse42 = has(words.first_c, 20) && has(words.first_c, 23);
    const bool has_fma = has(words.first_c, 12), has_avx = has(words.first_c, 28);
    const bool saves_registers = has(words.first_c, 27) && (words.saved & 0x6) == 0x6;
    if (!saves_registers || !has_avx) return can;
    can.avx2 = has_fma && has(words.seventh_b, 5) && can.sse42;
    const bool keeps_wide = (words.saved & 0xe6) == 0xe6;
    can.avx512 = keeps_wide && can.avx2 && has(words.seventh_b, 16) && has(words.seventh_b, 17) &&
                 has(words.seventh_b, 30) && has(words.seventh_b, 31);
    can.avx512_vbmi2 = can.avx512 && has(words.seventh_c, 1) && has(words.seventh_c, 6);
    return can;
}

// No machine of ours lacks one of these alone, so what each bit decides is tried here.
namespace processors {
constexpr unsigned of(std::initializer_list<int> bits) {
    unsigned word = 0;
    for (int bit : bits) word |= 1u << bit;
    return word;
}
constexpr Words all{of({12, 20, 23, 27, 28}), 0xe6, of({5, 16, 17, 30, 31}), of({1, 6})};
constexpr Processor without_first(int bit) {
    return processor_of({all.first_c & ~of({bit}), all.saved, all.seventh_b, all.seventh_c});
}
constexpr Processor without_seventh(int bit) {
    return processor_of({all.first_c, all.saved, all.seventh_b & ~of({bit}), all.seventh_c});
}
constexpr Processor without_saved(int bit) {
    return processor_of({all.first_c, all.saved & ~of({bit}), all.seventh_b, all.seventh_c});
}
constexpr Processor without_last(int bit) {
    return processor_of({all.first_c, all.saved, all.seventh_b, all.seventh_c & ~of({bit})});
}
constexpr bool is(const Processor& can, bool sse42, bool avx2, bool avx512, bool avx512_vbmi2) {
    return can.sse42 == sse42 && can.avx2 == avx2 && can.avx512 == avx512 && can.avx512_vbmi2 == avx512_vbmi2;
}
static_assert(is(processor_of(all), true, true, true, true));
static_assert(is(processor_of({~0u, ~0u, ~0u, ~0u}), true, true, true, true));
static_assert(is(without_first(12), true, false, false, false) && is(without_first(27), true, false, false, false));
static_assert(is(without_first(20), false, false, false, false) && is(without_first(23), false, false, false, false));
static_assert(is(without_first(28), true, false, false, false) && is(without_seventh(5), true, false, false, false));
static_assert(is(without_saved(1), true, false, false, false) && is(without_saved(2), true, false, false, false));
static_assert(is(without_saved(5), true, true, false, false) && is(without_saved(7), true, true, false, false));
static_assert(is(without_saved(6), true, true, false, false) && is(without_seventh(16), true, true, false, false));
static_assert(is(without_seventh(17), true, true, false, false) && is(without_seventh(30), true, true, false, false));
static_assert(is(without_seventh(31), true, true, false, false));
static_assert(is(without_last(1), true, true, true, false) && is(without_last(6), true, true, true, false));
}  // namespace processors

// Asked of the processor itself: __builtin_cpu_supports needs a library that Windows' linker does not bring along.
inline Processor ask_processor() {
#if defined(GLASSNET_X86)
    unsigned a = 0, b = 0, c = 0, d = 0, high = 0;
    Words words;
    if (!__get_cpuid(1, &a, &b, &c, &d)) return {};
    words.first_c = c;
    if (has(c, 27)) asm volatile("xgetbv" : "=a"(words.saved), "=d"(high) : "c"(0));
    if (__get_cpuid_count(7, 0, &a, &b, &c, &d)) words.seventh_b = b, words.seventh_c = c;
    return processor_of(words);
#else
    return {};
#endif
}

inline const Processor& this_processor() {
    static const Processor can = ask_processor();  // asking takes microseconds where the machine is a virtual one
    return can;
}

[[noreturn]] inline void refuse_memory() {
#if defined(__cpp_exceptions)
    throw std::bad_alloc();
#else
    __builtin_trap();
#endif
}

// Memory that begins at a multiple of `unit` bytes, in large pages where the system has them and they are worth it.
constexpr std::size_t large_page = 2u << 20;

inline void* aligned_memory(std::size_t bytes, std::size_t unit) {
    void* memory = ::operator new(bytes, std::align_val_t(unit), std::nothrow);
    if (memory == nullptr) refuse_memory();
#if defined(__linux__)
    if (unit == large_page) madvise(memory, bytes, MADV_HUGEPAGE);
#endif
    return memory;
}

inline void free_aligned(void* memory, std::size_t unit) { ::operator delete(memory, std::align_val_t(unit)); }

// A number that differs in a forked child; systems that do not fork need none.
inline long this_process() {
#if GLASSNET_THREADS && (defined(__unix__) || defined(__APPLE__))
    return getpid();
#else
    return 1;
#endif
}

#if GLASSNET_THREADS
// How many threads can run at once.
inline int n_processors() {
#if defined(__linux__)
    cpu_set_t own;  // of all, a container or a batch system may grant only some
    if (sched_getaffinity(0, sizeof own, &own) == 0) return CPU_COUNT(&own);
#endif
    return static_cast<int>(std::thread::hardware_concurrency());
}
#endif

// Keep threads away from the caller's processor, so that they wake up on others: as measured, Linux put one on the
// caller's in one lap of three, where it waited for 3 to 9 ms, longer than the whole work took. Other systems let
// nobody choose, or choose well themselves.
template <typename Threads>
void keep_apart([[maybe_unused]] const Threads& threads) {
#if defined(__linux__)
    cpu_set_t others;
    const int own = sched_getcpu();
    if (own < 0 || sched_getaffinity(0, sizeof others, &others) != 0 || CPU_COUNT(&others) < 2) return;
    CPU_CLR(own, &others);
    for (const auto thread : threads) pthread_setaffinity_np(thread, sizeof others, &others);
#endif
}

}  // namespace glassnet
