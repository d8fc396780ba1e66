// The engine, compiled once for every instruction set.

#include <atomic>
#include <numeric>

#include "deforming.hpp"
#include "descent.hpp"
#include "helpers.hpp"
#include "reading.hpp"
#include "tracing.hpp"

namespace glassnet::GLASSNET_ISA {

namespace {

void descend(const Descent& descent) {
    Team team(descent.threads);
    Batch batch(descent, team);
    team.run([&](int member) {
        const TinyNumbersAreZero guard;
        batch.run(member);
    });
}

void read(const Reading& reading) {
    if (reading.n == 0) return;
    std::atomic<std::size_t> next{0};
    std::vector<std::unique_ptr<Reader>> readers;  // each thread's own memory, taken here, where it may be refused
    for (int member = 0; member < reading.threads; member++) readers.push_back(std::make_unique<Reader>(reading));
    Helpers::of_this_process().run(reading.threads, [&](int member) {
        const TinyNumbersAreZero guard;
        readers[member]->run(next);
    });
}

// Decide how the images are held, and where each one's marks lie.
void lay_out(Ink& ink, std::size_t n_inked) {
    for (std::size_t i = 0; i < ink.n_images; i++) {
        const std::size_t n = ink.counts[i];
        ink.most_marks = std::max(ink.most_marks, n);
        // rounded up, so that every image's places begin at an even byte
        ink.starts[i + 1] = ink.starts[i] + (n * 3 + 1) / 2 * 2;
    }
    const std::size_t n_pixels = ink.n_images * ink.n_pixels,
                      beyond = 4 * block;  // reading goes a little beyond the end
    ink.dense = static_cast<double>(n_inked) > dense_share * static_cast<double>(n_pixels);
    if (ink.dense)
        ink.images = Buffer<std::uint8_t>(n_pixels + beyond);
    else
        ink.marks = Buffer<std::uint8_t>(ink.starts[ink.n_images] + beyond);
}

// Marks are counted by all threads, laid out by one, and written by all.
void gather_ink(const std::uint8_t* images, Ink& ink, int threads) {
    const std::size_t n_pixels = ink.n_pixels;
    ink.starts.assign(ink.n_images + 1, 0);
    ink.counts.assign(ink.n_images, 0);
    std::vector<std::size_t> totals(threads, 0);
    std::vector<std::vector<std::uint16_t>> all_places(threads, std::vector<std::uint16_t>(n_pixels + beyond_marks));
    std::vector<std::vector<std::uint8_t>> all_darknesses(threads, std::vector<std::uint8_t>(n_pixels + beyond_marks));
    Team team(threads);
    team.run([&](int member) {
        const Share mine(ink.n_images, member, threads);
        for (std::size_t i = mine.first; i < mine.last; i++) {
            std::size_t n = 0;
            for_each_ink(images + i * n_pixels, ink.n_pixels, [&](int k) { n += images[i * n_pixels + k] != 0; });
            totals[member] += n;
            ink.counts[i] = static_cast<std::uint32_t>(marks_up(n));
        }
        team.barrier();
        if (!team.one_for_all(member, [&] {  // fails where there is not enough memory
                lay_out(ink, std::accumulate(totals.begin(), totals.end(), std::size_t{0}));
            }))
            return;
        if (ink.dense) {
            std::memcpy(ink.images.data() + mine.first * n_pixels, images + mine.first * n_pixels,
                        (mine.last - mine.first) * n_pixels);
            return;
        }
        auto& places = all_places[member];
        auto& darknesses = all_darknesses[member];
        for (std::size_t i = mine.first; i < mine.last; i++) {
            const std::size_t n = find_marks(images + i * n_pixels, ink.n_pixels, places.data(), darknesses.data());
            std::uint8_t* to = ink.marks.data() + ink.starts[i];
            std::memcpy(to, places.data(), n * sizeof(std::uint16_t));
            std::memcpy(to + n * sizeof(std::uint16_t), darknesses.data(), n);
        }
    });
}

void deform(const Deforming& deforming) {
    Team(deforming.threads).run([&](int member) {
        Deformer deformer;
        const Share mine(deforming.n, member, deforming.threads);
        for (std::size_t i = mine.first; i < mine.last; i++)
            deformer.deform(deforming.sources + deforming.which[i] * fine * fine, deforming.knobs[i],
                            deforming.fields + i * 2 * rows_of_field * rows_of_field,
                            deforming.images + i * small * small);
    });
}

void apply(Activation activation, const float* z, float* a, std::size_t n) {
    const TinyNumbersAreZero guard;
    std::size_t i = 0;
    for (; i + lanes <= n; i += lanes) {
        const Vector value = activate(activation, load_unaligned(z + i));
        std::memcpy(a + i, &value, sizeof value);
    }
    for (; i < n; i++) a[i] = activate(activation, broadcast(z[i]))[0];
}

}  // namespace

#define GLASSNET_TEXT_(name) #name
#define GLASSNET_TEXT(name) GLASSNET_TEXT_(name)
const Engine engine = {GLASSNET_TEXT(GLASSNET_ISA), descend, read, gather_ink, deform, weighted_sums, apply};

}  // namespace glassnet::GLASSNET_ISA
