// The kernel as a page sees it: a WebAssembly module with SIMD, without Python, threads and exceptions. The same
// arithmetic as everywhere; numbers and arrays go through the module's memory (take, give). Whoever calls passes what
// fits together: a page of ours, which a test holds to the native kernel.

#include <cstdlib>

#include "held.hpp"

// Of the C++ library the kernel needs no more than its memory: with these few functions of our own in its place the
// module asks for nothing from outside. Where there is no memory, it stops.
void* operator new(std::size_t bytes, std::align_val_t unit, const std::nothrow_t&) noexcept {
    const std::size_t mask = static_cast<std::size_t>(unit) - 1;
    return std::aligned_alloc(mask + 1, (bytes + mask) & ~mask);
}
void* operator new(std::size_t bytes) {
    void* memory = std::malloc(bytes ? bytes : 1);
    if (memory == nullptr) __builtin_trap();
    return memory;
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }
void operator delete(void* memory, std::align_val_t) noexcept { std::free(memory); }
const std::nothrow_t std::nothrow{};
#if defined(_LIBCPP_VERSION)
_LIBCPP_BEGIN_NAMESPACE_STD
[[noreturn]] void __libcpp_verbose_abort(const char*, ...) noexcept { __builtin_trap(); }
_LIBCPP_END_NAMESPACE_STD
#endif

using namespace glassnet;

#define GLASSNET_EXPORT(name) extern "C" __attribute__((export_name(#name), visibility("default")))

namespace {

const Engine& engine = simd128::engine;

Parameters* parameters_named(HeldRun& run, int which) {
    Parameters* all[] = {&run.network, &run.first_moment, &run.second_moment, &run.running_average};
    return which >= 0 && which < 4 ? all[which] : nullptr;
}

}  // namespace

GLASSNET_EXPORT(take) void* take(std::size_t bytes) {
    return ::operator new(bytes, std::align_val_t(64), std::nothrow);
}
GLASSNET_EXPORT(give) void give(void* memory) { ::operator delete(memory, std::align_val_t(64)); }

// images (n, n_pixels) and labels (n); null where there is no memory for their ink is not told: the module stops then.
GLASSNET_EXPORT(new_digits)
HeldDigits* new_digits(const std::uint8_t* images, const std::uint8_t* labels, std::size_t n, std::size_t n_pixels) {
    return new HeldDigits(engine, images, labels, n, n_pixels, 1);
}
GLASSNET_EXPORT(end_digits) void end_digits(HeldDigits* digits) { delete digits; }

// sizes (n_sizes); the others by their place in network.hpp's enumerations. All parameters are 0 until they are set.
GLASSNET_EXPORT(new_run)
HeldRun* new_run(const int* sizes, int n_sizes, int hidden, int output, int cost, int optimizer, int averages) {
    Shape shape{{sizes, sizes + n_sizes},
                static_cast<Activation>(hidden),
                static_cast<Activation>(output),
                static_cast<Cost>(cost)};
    auto* run = new HeldRun{shape, static_cast<Optimizer>(optimizer), Parameters(shape), {}, {}, {}};
    if (run->optimizer != Optimizer::sgd) run->first_moment = Parameters(shape);
    if (run->optimizer == Optimizer::adamw) run->second_moment = Parameters(shape);
    if (averages) run->running_average = Parameters(shape);
    return run;
}
GLASSNET_EXPORT(end_run) void end_run(HeldRun* run) { delete run; }

// Parameters 0 to 3 are the network's, the two moments' and the running average's; weights (n_out, n_in), biases
// (n_out).
GLASSNET_EXPORT(set_layer)
void set_layer(HeldRun* run, int which, int layer, const float* weights, const float* biases) {
    Parameters* to = parameters_named(*run, which);
    if (to == nullptr || to->empty()) return;
    into_blocks(weights, run->shape.n_out(layer), run->shape.n_in(layer), to->weights[layer].data());
    std::memcpy(to->biases[layer].data(), biases, sizeof(float) * run->shape.n_out(layer));
}
GLASSNET_EXPORT(get_layer) void get_layer(HeldRun* run, int which, int layer, float* weights, float* biases) {
    const Parameters* from = parameters_named(*run, which);
    if (from == nullptr || from->empty()) return;
    out_of_blocks(from->weights[layer].data(), run->shape.n_out(layer), run->shape.n_in(layer), weights);
    std::memcpy(biases, from->biases[layer].data(), sizeof(float) * run->shape.n_out(layer));
}

// order (n) names digits; rates has one for each mini-batch; costs (n) is filled.
GLASSNET_EXPORT(descend)
void descend(HeldRun* run, const HeldDigits* digits, const std::int64_t* order, std::size_t n,
             std::size_t mini_batch_size, const float* rates, float momentum, double l2, float weight_decay,
             float average, double n_steps_before, float* costs) {
    run->descend(engine, *digits,
                 {order, n, mini_batch_size, rates, momentum, l2, weight_decay, average,
                  static_cast<std::int64_t>(n_steps_before), costs, 1});
}

// images (n, n_pixels), or null and inputs (n, n_pixels) from 0 to 1; outputs (n, n_out) is filled.
GLASSNET_EXPORT(read)
void read_images(const HeldRun* run, const std::uint8_t* images, const float* inputs, std::size_t n, float* outputs) {
    engine.read({&run->shape, &run->network, images, inputs, n, outputs, 1});
}
