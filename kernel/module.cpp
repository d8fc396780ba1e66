// The kernel as Python sees it: glassnet.engines._kernel. Everything that a caller could get wrong is checked here.

#include <nanobind/nanobind.h>
#include <nanobind/ndarray.h>
#include <nanobind/stl/optional.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>

#include "held.hpp"

namespace nb = nanobind;
using namespace nb::literals;

namespace glassnet {
namespace {

using Bytes = nb::ndarray<const std::uint8_t, nb::c_contig, nb::device::cpu>;
using Floats = nb::ndarray<const float, nb::c_contig, nb::device::cpu>;
using Doubles = nb::ndarray<const double, nb::ndim<1>, nb::c_contig, nb::device::cpu>;
using Places = nb::ndarray<const std::int64_t, nb::ndim<1>, nb::c_contig, nb::device::cpu>;
constexpr int most_neurons = 1 << 20;
constexpr int most_threads = 256;

[[noreturn]] void refuse(const std::string& sentence) { throw nb::value_error(sentence.c_str()); }

std::vector<const Engine*> possible_engines() {
    std::vector<const Engine*> engines;
#if defined(GLASSNET_X86)
    const Processor& can = this_processor();
    if (can.sse42) engines.push_back(&sse42::engine);
#if !defined(GLASSNET_NARROW_ONLY)
    if (can.avx2) engines.push_back(&avx2::engine);
    if (can.avx512) engines.push_back(&avx512::engine);
#endif
#elif defined(GLASSNET_ARM)
    engines.push_back(&neon::engine);
#endif
    return engines;
}

const Engine& engine_named(const std::optional<std::string>& name) {
    const auto engines = possible_engines();
    if (engines.empty()) refuse("this processor has none of the instruction sets that the kernel is compiled for.");
    if (!name) return *engines.back();
    for (const Engine* engine : engines)
        if (*name == engine->name) return *engine;
    refuse("this processor or build has no instruction set " + *name + ".");
}

template <typename Kind>
Kind named(const std::string& name, const std::vector<std::string>& names, const char* what) {
    const auto found = std::find(names.begin(), names.end(), name);
    if (found == names.end()) refuse("there is no " + std::string(what) + " " + name + ".");
    return static_cast<Kind>(found - names.begin());
}

const std::vector<std::string> activation_names = {"sigmoid", "tanh", "relu", "softmax"};

Shape shape_of(const std::vector<int>& sizes, const std::string& hidden, const std::string& output,
               const std::string& cost) {
    if (sizes.size() < 2) refuse("a network has at least two layers.");
    for (const int size : sizes)
        if (size < 1 || size > most_neurons)
            refuse("a layer has from 1 to " + std::to_string(most_neurons) + " neurons.");
    Shape shape{sizes, named<Activation>(hidden, activation_names, "activation"),
                named<Activation>(output, activation_names, "activation"), Cost::quadratic};
    if (shape.hidden == Activation::softmax) refuse("softmax is for the last layer only.");
    if (cost == "cross-entropy") {
        if (shape.output == Activation::sigmoid)
            shape.cost = Cost::binary_cross_entropy;
        else if (shape.output == Activation::softmax)
            shape.cost = Cost::categorical_cross_entropy;
        else
            refuse("cross-entropy needs outputs that are probabilities.");
    } else if (cost != "quadratic") {
        refuse("there is no cost " + cost + ".");
    }
    return shape;
}

int threads_of(int threads) {
    if (threads < 1 || threads > most_threads)
        refuse("threads must be from 1 to " + std::to_string(most_threads) + ".");
    return threads;
}

// An array over a part of a file may begin anywhere in memory; numbers are read at multiples of their own size.
template <typename Array>
void check_aligned(const Array& array, const char* what) {
    const auto place = reinterpret_cast<std::uintptr_t>(array.data());
    if (place % (array.itemsize() ? array.itemsize() : 1)) refuse(std::string(what) + " are not aligned in memory.");
}

void check_shape(const Floats& array, std::size_t first, std::size_t second, const char* what) {
    const bool fits = second ? array.ndim() == 2 && array.shape(0) == first && array.shape(1) == second
                             : array.ndim() == 1 && array.shape(0) == first;
    if (!fits) refuse(std::string(what) + " do not have the network's shape.");
    check_aligned(array, what);
}

// Fill parameters from arrays: all weights, then all biases, as the network has them.
Parameters parameters_of(const Shape& shape, const std::vector<Floats>& arrays) {
    const std::size_t n_layers = shape.n_layers();
    if (arrays.size() != 2 * n_layers) refuse("there must be weights and biases for every layer.");
    for (std::size_t l = 0; l < n_layers; l++) {
        check_shape(arrays[l], shape.n_out(l), shape.n_in(l), "weights");
        check_shape(arrays[n_layers + l], shape.n_out(l), 0, "biases");
    }
    Parameters parameters(shape);
    for (std::size_t l = 0; l < n_layers; l++) {
        into_blocks(arrays[l].data(), shape.n_out(l), shape.n_in(l), parameters.weights[l].data());
        std::memcpy(parameters.biases[l].data(), arrays[n_layers + l].data(), sizeof(float) * shape.n_out(l));
    }
    return parameters;
}

template <typename Number>
nb::object new_array(const std::vector<std::size_t>& shape, Number*& data) {
    std::size_t size = 1;
    for (const std::size_t n : shape) size *= n;
    data = new Number[size ? size : 1];
    nb::capsule owner(data, [](void* memory) noexcept { delete[] static_cast<Number*>(memory); });
    return nb::ndarray<nb::numpy, Number>(data, shape.size(), shape.data(), owner).cast();
}

nb::list arrays_of(const Shape& shape, const Parameters& parameters) {
    nb::list arrays;
    if (parameters.empty()) return arrays;
    float* data;
    for (std::size_t l = 0; l < shape.n_layers(); l++) {
        arrays.append(new_array({std::size_t(shape.n_out(l)), std::size_t(shape.n_in(l))}, data));
        out_of_blocks(parameters.weights[l].data(), shape.n_out(l), shape.n_in(l), data);
    }
    for (std::size_t l = 0; l < shape.n_layers(); l++) {
        arrays.append(new_array({std::size_t(shape.n_out(l))}, data));
        std::memcpy(data, parameters.biases[l].data(), sizeof(float) * shape.n_out(l));
    }
    return arrays;
}

HeldDigits digits_of(const Engine& engine, const Bytes& images, const Bytes& labels) {
    if (images.ndim() < 2 || images.shape(0) == 0) refuse("images must have shape (n, height, width), n above 0.");
    if (labels.ndim() != 1 || labels.shape(0) != images.shape(0)) refuse("there must be one label for each image.");
    const std::size_t n = images.shape(0), n_pixels = images.size() / n;
    if (n_pixels < 1 || n_pixels > most_pixels) refuse("an image has from 1 to 65536 pixels.");
    if (n > (1u << 31)) refuse("there are too many images.");
    const std::uint8_t *pixels = images.data(), *wanted = labels.data();
    const unsigned threads = n < 1000 ? 1u : std::clamp(std::thread::hardware_concurrency(), 1u, 8u);
    nb::gil_scoped_release free;
    return {engine, pixels, wanted, n, n_pixels, static_cast<int>(threads)};
}

// Training digits, ready to learn from.
struct Digits {
    Digits(const Bytes& images, const Bytes& labels, const std::optional<std::string>& instructions)
        : engine(engine_named(instructions)), held(digits_of(engine, images, labels)) {}

    const Engine& engine;
    const HeldDigits held;
};

// A descent under way: a network, what its optimizer remembers, and its running average.
class Run {
 public:
    Run(const std::vector<int>& sizes, const std::string& hidden, const std::string& output, const std::string& cost,
        const std::string& optimizer, const std::vector<Floats>& network, const std::vector<Floats>& first_moment,
        const std::vector<Floats>& second_moment, const std::vector<Floats>& running_average)
        : held_{shape_of(sizes, hidden, output, cost),
                named<Optimizer>(optimizer, {"sgd", "momentum", "adamw"}, "optimizer"),
                {},
                {},
                {},
                {}} {
        held_.network = parameters_of(held_.shape, network);
        if (held_.optimizer != Optimizer::sgd) held_.first_moment = parameters_of(held_.shape, first_moment);
        if (held_.optimizer == Optimizer::adamw) held_.second_moment = parameters_of(held_.shape, second_moment);
        if (!running_average.empty()) held_.running_average = parameters_of(held_.shape, running_average);
    }

    nb::object descend(const Digits& digits, const Places& order, std::int64_t mini_batch_size, const Floats& rates,
                       float momentum, double l2, float weight_decay, double beta_1, double beta_2, double epsilon,
                       float average, std::int64_t n_steps_before, int threads) {
        const std::size_t n = order.shape(0), size = static_cast<std::size_t>(mini_batch_size);
        check_aligned(order, "the places of an order");
        check_aligned(rates, "rates");
        if (mini_batch_size < 1) refuse("a mini-batch has at least one example.");
        if (digits.held.ink.n_pixels != held_.shape.n_in(0))
            refuse("the images have another number of pixels than the inputs.");
        if (rates.ndim() != 1 || rates.shape(0) != (n + size - 1) / size) refuse("there must be one rate per step.");
        for (std::size_t i = 0; i < n; i++)
            if (order.data()[i] < 0 || static_cast<std::size_t>(order.data()[i]) >= digits.held.ink.n_images)
                refuse("the order names an example that is not there.");
        if (n_steps_before < 0) refuse("steps are counted from 0.");
        threads_of(threads);
        if (busy_.exchange(true)) refuse("this run is descending in another thread already.");
        struct Done {
            std::atomic<bool>& busy;
            ~Done() { busy.store(false); }
        } done{busy_};
        float* costs;
        nb::object result = new_array({n}, costs);
        const Steps steps{order.data(), n,      size,    rates.data(), momentum,       l2,    weight_decay,
                          beta_1,       beta_2, epsilon, average,      n_steps_before, costs, threads};
        {
            nb::gil_scoped_release free;
            held_.descend(digits.engine, digits.held, steps);
        }
        return result;
    }

    nb::list arrays(const std::string& which) const {
        if (which == "network") return arrays_of(held_.shape, held_.network);
        if (which == "first_moment") return arrays_of(held_.shape, held_.first_moment);
        if (which == "second_moment") return arrays_of(held_.shape, held_.second_moment);
        if (which == "running_average") return arrays_of(held_.shape, held_.running_average);
        refuse("a run has no " + which + ".");
    }

 private:
    HeldRun held_;
    std::atomic<bool> busy_{false};
};

// A network, ready to read.
class Reader {
 public:
    Reader(const std::vector<int>& sizes, const std::string& hidden, const std::string& output,
           const std::vector<Floats>& network, const std::optional<std::string>& instructions)
        : engine(engine_named(instructions)),
          shape(shape_of(sizes, hidden, output, "quadratic")),
          network(parameters_of(shape, network)) {
        if (sizes[0] > most_pixels) refuse("an image has from 1 to 65536 pixels.");
    }

    nb::object outputs(const Bytes& images, int threads) const {
        if (images.ndim() < 2 || images.size() != images.shape(0) * static_cast<std::size_t>(shape.n_in(0)))
            refuse("images must have shape (n, height, width) and as many pixels as the network has inputs.");
        return read(images.data(), nullptr, images.shape(0), threads);
    }

    nb::object outputs_of_inputs(const Floats& inputs, int threads) const {
        if (inputs.ndim() != 2 || inputs.shape(1) != static_cast<std::size_t>(shape.n_in(0)))
            refuse("inputs must have shape (n, n_in).");
        check_aligned(inputs, "inputs");
        return read(nullptr, inputs.data(), inputs.shape(0), threads);
    }

 private:
    nb::object read(const std::uint8_t* images, const float* inputs, std::size_t n, int threads) const {
        threads_of(threads);
        float* outputs;
        nb::object result = new_array({n, static_cast<std::size_t>(shape.sizes.back())}, outputs);
        const Reading reading{&shape, &network, images, inputs, n, outputs, threads};
        if (n > 4) {
            nb::gil_scoped_release free;
            engine.read(reading);
        } else {
            engine.read(reading);  // over before another thread could have taken its turn
        }
        return result;
    }

    const Engine& engine;
    Shape shape;
    Parameters network;
};

// The whole numbers of `shift_px` and the seed come as floats, which hold them exactly up to 2^24.
nb::object deformed(const Bytes& sources, const Places& which, const Floats& knobs, const Floats& fields, int threads,
                    const std::optional<std::string>& instructions) {
    constexpr std::size_t side = deform_source_side, field = deform_field_side;
    const std::size_t n = which.shape(0);
    if (sources.ndim() != 3 || sources.shape(1) != side || sources.shape(2) != side)
        refuse("sources must have shape (n_sources, 56, 56).");
    if (knobs.ndim() != 2 || knobs.shape(0) != n || knobs.shape(1) != n_knobs)
        refuse("knobs must have shape (n, " + std::to_string(n_knobs) + ").");
    if (fields.ndim() != 4 || fields.shape(0) != n || fields.shape(1) != 2 || fields.shape(2) != field ||
        fields.shape(3) != field)
        refuse("fields must have shape (n, 2, 8, 8).");
    check_aligned(which, "places of sources");
    check_aligned(knobs, "knobs");
    check_aligned(fields, "fields");
    threads_of(threads);
    for (std::size_t i = 0; i < n; i++)
        if (which.data()[i] < 0 || static_cast<std::size_t>(which.data()[i]) >= sources.shape(0))
            refuse("which must be places of sources.");
    for (std::size_t i = 0; i < fields.size(); i++)
        if (!(std::fabs(fields.data()[i]) < 1e6f)) refuse("a number in fields is too large.");
    std::vector<Knobs> checked(n);
    for (std::size_t i = 0; i < n; i++) {
        const float* given = knobs.data() + i * n_knobs;
        for (int k = 0; k < n_knobs; k++)
            if (!(std::fabs(given[k]) < (k + 1 == n_knobs ? 16'777'216.0f : 1e6f))) refuse("a knob is too large.");
        std::memcpy(&checked[i], given, sizeof(Knobs));
        checked[i].seed = static_cast<std::uint32_t>(std::max(given[n_knobs - 1], 0.0f));
        if (std::fabs(checked[i].stroke_px) > 16) refuse("stroke_px goes from -16 to 16.");
        if (!(checked[i].box_px >= 1 && checked[i].box_px <= 28)) refuse("box_px goes from 1 to 28.");
    }
    std::uint8_t* images;
    nb::object result = new_array({n, 28, 28}, images);
    const Deforming deforming{sources.data(), which.data(), checked.data(), fields.data(), n, images, threads};
    {
        nb::gil_scoped_release free;
        engine_named(instructions).deform(deforming);
    }
    return result;
}

nb::object applied(const std::string& activation, const Floats& z, const std::optional<std::string>& instructions) {
    const Activation kind = named<Activation>(activation, {"sigmoid", "tanh", "relu"}, "activation");
    if (z.ndim() != 1) refuse("z must have one axis.");
    check_aligned(z, "numbers");
    float* a;
    nb::object result = new_array({z.shape(0)}, a);
    engine_named(instructions).apply(kind, z.data(), a, z.shape(0));
    return result;
}

nb::object weighted_sums(const Floats& rows, const Doubles& activations, const Doubles& biases,
                         const std::optional<std::string>& instructions) {
    if (rows.ndim() != 2 || rows.shape(0) != activations.shape(0) || rows.shape(1) != biases.shape(0))
        refuse("rows must have shape (activations, biases).");
    check_aligned(rows, "rows");
    check_aligned(activations, "activations");
    check_aligned(biases, "biases");
    double* z;
    nb::object result = new_array({biases.shape(0)}, z);
    const Summing summing{rows.data(), activations.data(), biases.data(), z, rows.shape(0), rows.shape(1)};
    {
        nb::gil_scoped_release free;
        engine_named(instructions).sum(summing);
    }
    return result;
}

}  // namespace
}  // namespace glassnet

NB_MODULE(_kernel, m) {
    using namespace glassnet;
    m.doc() = "The fused engine's arithmetic; glassnet.engines.fused is how to use it.";
    m.def("instruction_sets", [] {
        std::vector<std::string> names;
        for (const Engine* engine : possible_engines()) names.emplace_back(engine->name);
        return names;
    });
    m.def("applied", &applied, "activation"_a, "z"_a.noconvert(), "instructions"_a = nb::none());
    m.def("deformed", &deformed, "sources"_a.noconvert(), "which"_a.noconvert(), "knobs"_a.noconvert(),
          "fields"_a.noconvert(), "threads"_a = 1, "instructions"_a = nb::none());
    m.def("weighted_sums", &weighted_sums, "rows"_a.noconvert(), "activations"_a.noconvert(), "biases"_a.noconvert(),
          "instructions"_a = nb::none());
    nb::class_<Digits>(m, "Digits")
        .def(nb::init<const Bytes&, const Bytes&, const std::optional<std::string>&>(), "images"_a.noconvert(),
             "labels"_a.noconvert(), "instructions"_a = nb::none())
        .def_prop_ro("marks_per_image",
                     [](const Digits& digits) {
                         double total = 0;
                         for (const std::uint32_t count : digits.held.ink.counts) total += count;
                         return total / static_cast<double>(digits.held.ink.n_images);
                     })
        .def_prop_ro("is_dense", [](const Digits& digits) { return digits.held.ink.dense; });
    nb::class_<Run>(m, "Run")
        .def(nb::init<const std::vector<int>&, const std::string&, const std::string&, const std::string&,
                      const std::string&, const std::vector<Floats>&, const std::vector<Floats>&,
                      const std::vector<Floats>&, const std::vector<Floats>&>(),
             "sizes"_a, "hidden"_a, "output"_a, "cost"_a, "optimizer"_a, "network"_a.noconvert(),
             "first_moment"_a.noconvert() = std::vector<Floats>{},
             "second_moment"_a.noconvert() = std::vector<Floats>{},
             "running_average"_a.noconvert() = std::vector<Floats>{})
        .def("descend", &Run::descend, "digits"_a, "order"_a.noconvert(), "mini_batch_size"_a, "rates"_a.noconvert(),
             nb::kw_only(), "momentum"_a = 0.0f, "l2"_a = 0.0, "weight_decay"_a = 0.0f, "beta_1"_a = 0.0,
             "beta_2"_a = 0.0, "epsilon"_a = 0.0, "average"_a = 0.0f, "n_steps_before"_a = 0, "threads"_a = 1)
        .def("arrays", &Run::arrays, "which"_a);
    nb::class_<Reader>(m, "Reader")
        .def(nb::init<const std::vector<int>&, const std::string&, const std::string&, const std::vector<Floats>&,
                      const std::optional<std::string>&>(),
             "sizes"_a, "hidden"_a, "output"_a, "network"_a.noconvert(), "instructions"_a = nb::none())
        .def("outputs", &Reader::outputs, "images"_a.noconvert(), "threads"_a = 1)
        .def("outputs_of_inputs", &Reader::outputs_of_inputs, "inputs"_a.noconvert(), "threads"_a = 1);
}
