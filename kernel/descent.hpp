// Descent: mini-batches, each fed forward, propagated back, and stepped down: docs/equations.md, (1) to (9).
//
// Every thread goes through Batch::run, does its share of every part, and waits at a barrier before the next:
//     gather    unpack the examples: their nonzero pixels (marks), or all of them where most are nonzero
//     forward   the weighted inputs and activations, layer after layer: (1), (2)
//     judge     each example's cost, and the error of the last layer: (3), (5), (15) to (18)
//     backward  the errors of the layers before, by way of the transposed weights: (6)
//     collect   the gradients (7), (8), and where it can be a plain step (9) with them; other steps follow in step_all
// All gradients of a mini-batch are taken at the same weights. Whatever a thread computes, it computes alone and in the
// same order, so that the number of threads changes no bit of the result.
//
// `side` (0 or 1) is for double buffering: it says which marks and first activations are this mini-batch's; where the
// run is `double_buffered`, the next one's are prepared in those of the other side while its weights are in the cache.
#pragma once

#include <algorithm>

#include "engine.hpp"
#include "judging.hpp"
#include "marks.hpp"
#include "stepping.hpp"
#include "team.hpp"
#include "tiles.hpp"

namespace glassnet::GLASSNET_ISA {

constexpr std::size_t most_at_once = 256;  // a larger mini-batch is taken this many examples at a time

// The numbers of the mini-batch that is under way, which all threads share.
class Batch {
 public:
    Batch(const Descent& descent, Team& team)
        : d(descent), shape(*descent.shape), team(team), n_layers(shape.n_layers()), last(n_layers - 1) {
        const std::size_t most = std::min(d.mini_batch_size, most_at_once);
        if (d.ink->dense) {
            inputs = Rows(most, d.ink->n_pixels);
        } else {
            for (Marks& side : marks) side = Marks(most, d.ink->most_marks);
        }
        for (Rows& side : firsts) side = Rows(most, shape.n_out(0));
        for (std::size_t l = 0; l < n_layers; l++) {
            activations.emplace_back(l ? most : 0, shape.n_out(l));
            deltas.emplace_back(most, shape.n_out(l));
            transposed.emplace_back(l ? n_blocks(shape.n_in(l)) * shape.n_out(l) * block : 0);
        }
        z = Rows(most, shape.n_out(last));
        // plain steps are taken as the gradient is computed; others need all of it first
        direct = d.optimizer == Optimizer::sgd && d.mini_batch_size <= most_at_once;
        if (!direct) gradient = Parameters(shape);
        double_buffered = direct && !d.ink->dense && splits_by_blocks(0);
    }

    void run(int member) {
        std::size_t step = 0;
        for (std::size_t first = 0; first < d.n; first += d.mini_batch_size, step++) {
            const std::size_t size = std::min(d.mini_batch_size, d.n - first);
            const float penalty = d.l2_cost != 0 ? d.l2_cost * sum_of_squares() : 0;
            const int side = double_buffered ? step % 2 : 0;
            for (std::size_t some = 0; some < size; some += most_at_once) {
                const std::size_t n = std::min(most_at_once, size - some);
                if (!double_buffered || step == 0) {
                    gather(first + some, n, side, member);
                    first_layer(n, side, member);
                }
                forward(n, side, member);
                judge(first + some, n, penalty, side, member);
                backward(n, side, member);
                const std::size_t next = first + size;
                const std::size_t n_next = double_buffered ? std::min(d.mini_batch_size, d.n - next) : 0;
                if (n_next) gather(next, n_next, 1 - side, member);
                for (std::size_t l = n_layers - 1; l > 0; l--) collect(l, n, size, step, side, member);
                collect_first(n, size, step, side, n_next, member);
                team.barrier();
            }
            if (!direct) step_all(step, member);
            if (d.running_average) average_all(step, member);
        }
    }

 private:
    // Unpack the examples' ink; meanwhile the next ones' is fetched from memory.
    void gather(std::size_t first, std::size_t n, int side, int member) {
        const Share mine(n, member, team.size());
        if (d.ink->dense) {
            const std::size_t n_pixels = d.ink->n_pixels;
            for (std::size_t i = mine.first; i < mine.last; i++) {
                const std::uint8_t* image = d.ink->images.data() + d.order[first + i] * n_pixels;
                float* row = inputs.row(i);
                for (std::size_t k = 0; k < n_pixels; k += lanes)  // a little beyond, into what is never looked at
                    store(row + k, ink_of(__builtin_convertvector(widen(image + k), Vector)));
            }
        } else {
            Marks& to = marks[side];
            for (std::size_t i = mine.first; i < mine.last; i++) {
                const std::size_t next = first + i + n;
                if (next < d.n) prefetch_marks(*d.ink, d.order[next]);
                if (next + n < d.n) __builtin_prefetch(d.ink->starts.data() + d.order[next + n]);
                to.counts[i] = d.ink->counts[d.order[first + i]];
                unpack_marks(*d.ink, d.order[first + i], to.places_of(i), to.inks_of(i));
            }
        }
        team.barrier();
    }

    // A member's share of n items, or all of them where they are not split.
    Share share_of(std::size_t n, bool is_split, int member) const {
        return is_split ? Share(n, member, team.size()) : Share(n, 0, 1);
    }

    // Whether each thread takes blocks of neurons of a layer on marks, rather than examples or pixels.
    bool splits_by_blocks(std::size_t l) const {
        return team.size() == 1 || n_blocks(shape.n_out(l)) >= 2 * std::size_t(team.size());
    }

    Rows& active(std::size_t l, int side) { return l ? activations[l] : firsts[side]; }

    // What to do with weighted inputs: store their activations, and those of the last layer as they are, too.
    auto finish_of(std::size_t l, int side) {
        return [this, kind = shape.activation(l), keeps_z = l == last, &to = active(l, side)](
                   std::size_t i, std::size_t b, int p, Vector weighted) {
            const std::size_t j = b * block + p * lanes;
            if (keeps_z) store(z.row(i) + j, weighted);
            store(to.row(i) + j, activate(kind, weighted));
        };
    }

    void first_layer(std::size_t n, int side, int member) {
        if (d.ink->dense) {
            dense_layer(0, inputs, n, side, member);
        } else {
            const bool by_blocks = splits_by_blocks(0);
            const Share columns = share_of(n_blocks(shape.n_out(0)), by_blocks, member);
            const Share rows = share_of(n, !by_blocks, member);
            for (std::size_t b = columns.first; b < columns.last; b++) sparse_block(b, rows.first, rows.last, side);
        }
        team.barrier();
    }

    // A block of neurons of the first layer for some examples, from their marks.
    void sparse_block(std::size_t b, std::size_t first, std::size_t last_one, int side) {
        const auto finish = finish_of(0, side);
        const std::size_t by_block = std::size_t(shape.n_in(0)) * block;
        const float* weights = d.network->weights[0].data() + b * by_block;
        const float* biases = d.network->biases[0].data() + b * block;
        Marks& from = marks[side];
        for (std::size_t i = first; i < last_one; i++) {
            Vector weighted[parts];
            sparse_product(weights, biases, from.places_of(i), from.inks_of(i), from.counts[i], weighted);
            for (int p = 0; p < parts; p++) finish(i, b, p, weighted[p]);
        }
    }

    // All neurons of a layer, from whole rows of activations or inputs.
    void dense_layer(std::size_t l, const Rows& from, std::size_t n, int side, int member) {
        const auto finish = finish_of(l, side);
        const float* biases = d.network->biases[l].data();
        const Right weights{d.network->weights[l].data(), std::size_t(shape.n_in(l)) * block, block};
        shared_product(from.data.data(), from.stride, 1, n, weights, n_blocks(shape.n_out(l)), shape.n_in(l), member,
                       [&](std::size_t i, std::size_t b, int p, Vector weighted) {
                           finish(i, b, p, weighted + load(biases + b * block + p * lanes));
                       });
    }

    void forward(std::size_t n, int side, int member) {
        for (std::size_t l = 1; l < n_layers; l++) {
            dense_layer(l, active(l - 1, side), n, side, member);
            team.barrier();
        }
    }

    // A matrix product of n rows, of which each thread computes its share: of the blocks where there are enough of
    // them, else of the rows.
    template <typename Finish>
    void shared_product(const float* left, std::size_t by_row, std::size_t by_step, std::size_t n, Right right,
                        std::size_t blocks, std::size_t n_steps, int member, Finish finish) {
        const bool by_rows = blocks < 4 * std::size_t(team.size());
        const std::size_t groups = (n + most_rows - 1) / most_rows;
        const std::size_t pairs = (blocks + wide_blocks - 1) / wide_blocks;
        const Share rows = share_of(groups, by_rows, member), columns = share_of(pairs, !by_rows, member);
        const std::size_t first_row = rows.first * most_rows, last_row = std::min(rows.last * most_rows, n);
        const std::size_t first_block = columns.first * wide_blocks;
        const std::size_t last_block = std::min(columns.last * wide_blocks, blocks);
        if (first_row < last_row)
            product({left, by_row, by_step}, right, first_row, last_row, first_block, last_block, n_steps, finish);
    }

    // The cost of each example, and the error of the last layer.
    void judge(std::size_t first, std::size_t n, float penalty, int side, int member) {
        const Share mine(n, member, team.size());
        for (std::size_t i = mine.first; i < mine.last; i++) {
            const int label = d.labels[d.order[first + i]];
            d.costs[first + i] =
                penalty + judged(shape, label, z.row(i), active(last, side).row(i), deltas[last].row(i));
        }
        team.barrier();
    }

    // The errors of the layers before the last: equation (6).
    void backward(std::size_t n, int side, int member) {
        for (std::size_t l = last; l > 0; l--) {
            transpose(l, member);
            team.barrier();
            const Rows& from = deltas[l];
            Rows& to = deltas[l - 1];
            const Rows& activation = active(l - 1, side);
            const Activation kind = shape.hidden;
            const std::size_t by_block = std::size_t(shape.n_out(l)) * block;
            shared_product(from.data.data(), from.stride, 1, n, {transposed[l].data(), by_block, block},
                           n_blocks(shape.n_in(l)), shape.n_out(l), member,
                           [&](std::size_t i, std::size_t b, int p, Vector pulled) {
                               const std::size_t k = b * block + p * lanes;
                               store(to.row(i) + k, pulled * slope(kind, load(activation.row(i) + k)));
                           });
            team.barrier();
        }
    }

    // A layer's weights transposed, so that they lie in blocks of sixteen of its inputs:
    // transposed[(k / 16 * n_out + j) * 16 + k % 16] is the weight from neuron k to neuron j.
    void transpose(std::size_t l, int member) {
        const std::size_t n_in = shape.n_in(l), n_out = shape.n_out(l);
        const float* from = d.network->weights[l].data();
        float* to = transposed[l].data();
        const Share mine(n_blocks(n_in), member, team.size());
        for (std::size_t kb = mine.first; kb < mine.last; kb++)
            for (std::size_t jb = 0; jb < n_blocks(n_out); jb++) {
                const std::size_t js = std::min<std::size_t>(block, n_out - jb * block);
                const std::size_t ks = std::min<std::size_t>(block, n_in - kb * block);
                const float* tile_from = from + (jb * n_in + kb * block) * block;
                float* tile_to = to + (kb * n_out + jb * block) * block;
                for (int q = 0; q < parts; q++)
                    for (int p = 0; p < parts; p++) {
                        Vector rows[lanes];
                        for (int k = 0; k < lanes; k++)
                            rows[k] = std::size_t(q * lanes + k) < ks
                                          ? load(tile_from + (q * lanes + k) * block + p * lanes)
                                          : Vector{};
                        transpose_square(rows);
                        for (int j = 0; j < lanes; j++)
                            if (std::size_t(p * lanes + j) < js)
                                store(tile_to + (p * lanes + j) * block + q * lanes, rows[j]);
                    }
            }
    }

    // Where a gradient, equations (7) and (8), goes: as a step, equation (9), straight into the network, or to the
    // gradients collected so far.
    struct Target {
        Parameters& parameters;
        float factor, keep;  // factors of the gradient, and of the weight that it is added to
    };

    Target target(std::size_t size, std::size_t step) {
        if (!direct) return {gradient, 1.0f / static_cast<float>(size), 1.0f};
        const float keep = d.l2_slope != 0 ? 1.0f - d.rates[step] * d.l2_slope : 1.0f;
        return {*d.network, -d.rates[step] / static_cast<float>(size), keep};
    }

    void collect_biases(std::size_t l, std::size_t first, std::size_t last_one, std::size_t n, const Target& to) {
        const Rows& delta = deltas[l];
        for (std::size_t j = first * block; j < last_one * block; j += lanes) {
            Vector total{};
            for (std::size_t i = 0; i < n; i++) total += load(delta.row(i) + j);
            float* bias = to.parameters.biases[l].data() + j;
            store(bias, load(bias) + total * to.factor);
        }
    }

    void collect(std::size_t l, std::size_t n, std::size_t size, std::size_t step, int side, int member) {
        const std::size_t blocks = n_blocks(shape.n_out(l)), n_in = shape.n_in(l), by_block = n_in * block;
        const Target to = target(size, step);
        if (member == team.size() - 1) collect_biases(l, 0, blocks, n, to);
        float* weights = to.parameters.weights[l].data();
        const Rows& delta = deltas[l];
        const Rows& before = l ? active(l - 1, side) : inputs;
        shared_product(before.data.data(), 1, before.stride, n_in, {delta.data.data(), block, delta.stride}, blocks, n,
                       member, [&](std::size_t k, std::size_t b, int p, Vector total) {
                           float* weight = weights + b * by_block + k * block + p * lanes;
                           store(weight, load(weight) * to.keep + total * to.factor);
                       });
    }

    // The same for the first layer. A block of neurons that has just taken its step lies in the nearest cache: where it
    // can, it is fed the next mini-batch at once, which saves 784-100-10 a twentieth of its time.
    void collect_first(std::size_t n, std::size_t size, std::size_t step, int side, std::size_t n_next, int member) {
        if (d.ink->dense) return collect(0, n, size, step, side, member);
        const std::size_t blocks = n_blocks(shape.n_out(0)), n_in = shape.n_in(0);
        const Target to = target(size, step);
        const bool by_blocks = splits_by_blocks(0);
        const Share columns = share_of(blocks, by_blocks, member), pixels = share_of(n_in, !by_blocks, member);
        if (by_blocks || member == team.size() - 1) collect_biases(0, columns.first, columns.last, n, to);
        for (std::size_t b = columns.first; b < columns.last; b++) {
            float* weights = to.parameters.weights[0].data() + b * n_in * block;
            if (to.keep != 1.0f)
                for (std::size_t k = pixels.first * block; k < pixels.last * block; k += lanes)
                    store(weights + k, load(weights + k) * to.keep);
            for (std::size_t i = 0; i < n; i++) {
                Vector nudge[parts];
                for (int p = 0; p < parts; p++) nudge[p] = load(deltas[0].row(i) + b * block + p * lanes) * to.factor;
                const Share some = by_blocks ? Share(marks[side].counts[i], 0, 1) : marks_between(pixels, i, side);
                nudge_rows(weights, marks[side].places_of(i) + some.first, marks[side].inks_of(i) + some.first,
                           some.last - some.first, nudge);
            }
            if (n_next) sparse_block(b, 0, n_next, 1 - side);
        }
    }

    // The marks of an image that lie in a share of the pixels. Their places ascend, apart from the marks without ink
    // that fill up the end and change nothing.
    Share marks_between(const Share& pixels, std::size_t i, int side) {
        const std::uint32_t* places = marks[side].places_of(i);
        std::size_t n = marks[side].counts[i];
        while (n > 0 && marks[side].inks_of(i)[n - 1] == 0.0f) n--;
        const auto before = [&](std::size_t pixel) -> std::size_t {
            return std::lower_bound(places, places + n, static_cast<std::uint32_t>(pixel * row_bytes)) - places;
        };
        Share some(n, 0, 1);
        some.first = before(pixels.first);
        some.last = before(pixels.last);
        return some;
    }

    // Call change(layer, is_weight, i) for each vector of this member's share of all parameters; i is its first number.
    template <typename Change>
    void each_parameter(int member, Change change) {
        for (std::size_t l = 0; l < n_layers; l++)
            for (const bool is_weight : {true, false}) {
                const auto& array = is_weight ? d.network->weights[l] : d.network->biases[l];
                const Share mine(array.size() / block, member, team.size());
                for (std::size_t i = mine.first * block; i < mine.last * block; i += lanes) change(l, is_weight, i);
            }
    }

    static float* at(Parameters& all, std::size_t l, bool is_weight, std::size_t i) {
        return (is_weight ? all.weights[l] : all.biases[l]).data() + i;
    }

    // Take a step when the whole gradient is there, and leave the gradient at 0.
    void step_all(std::size_t step, int member) {
        const Stepping stepping(d, step);
        each_parameter(member, [&](std::size_t l, bool is_weight, std::size_t i) {
            float* slot = at(gradient, l, is_weight, i);
            const Vector g = load(slot);
            store(slot, Vector{});
            float* mean = d.optimizer == Optimizer::sgd ? nullptr : at(*d.first_moment, l, is_weight, i);
            float* square = d.optimizer == Optimizer::adamw ? at(*d.second_moment, l, is_weight, i) : nullptr;
            stepping.step(g, is_weight, at(*d.network, l, is_weight, i), mean, square);
        });
        team.barrier();
    }

    // Move the running average of the networks along the way: equation (23).
    void average_all(std::size_t step, int member) {
        const double n = static_cast<double>(d.n_steps_before) + static_cast<double>(step);
        const float kept = static_cast<float>(std::min<double>(d.average, (1 + n) / (10 + n)));
        each_parameter(member, [&](std::size_t l, bool is_weight, std::size_t i) {
            float* mean = at(*d.running_average, l, is_weight, i);
            store(mean, kept * load(mean) + (1.0f - kept) * load(at(*d.network, l, is_weight, i)));
        });
        team.barrier();
    }

    // Of all weights; every member adds them all up for itself.
    float sum_of_squares() const {
        double total = 0;
        for (std::size_t l = 0; l < n_layers; l++) {
            const Buffer<float>& weights = d.network->weights[l];
            const std::size_t n = weights.size();
            for (std::size_t first = 0; first < n; first += 4096) {
                Vector part{};
                for (std::size_t i = first; i < std::min(first + 4096, n); i += lanes)
                    part += load(weights.data() + i) * load(weights.data() + i);
                total += sum(part);
            }
        }
        return static_cast<float>(total);
    }

    const Descent& d;
    const Shape& shape;
    Team& team;
    const std::size_t n_layers, last;
    bool direct, double_buffered;
    // Of two sides: where the run is double-buffered, the next mini-batch's are filled before this one's have been used
    // for the last time.
    Marks marks[2];
    Rows firsts[2];
    Rows inputs, z;
    std::vector<Rows> activations, deltas;
    std::vector<Buffer<float>> transposed;
    Parameters gradient;
};

}  // namespace glassnet::GLASSNET_ISA
