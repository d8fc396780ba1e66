// Tiles: the matrix product that dense layers are made of, a few rows and one or two blocks of columns at a time, which
// fit into the registers.
#pragma once

#include "lanes.hpp"

namespace glassnet::GLASSNET_ISA {

#if GLASSNET_LANES == 16
constexpr int most_rows = 12, wide_blocks = 2;  // 24 of 32 registers for sums, 2 for the columns
#elif GLASSNET_LANES == 8
constexpr int most_rows = 6, wide_blocks = 1;  // 12 of 16
#else
constexpr int most_rows = 3, wide_blocks = 1;
#endif

// The left factor, entry (r, k) at data[r * by_row + k * by_step].
struct Left {
    const float* data;
    std::size_t by_row, by_step;
    Left from_row(std::size_t row) const { return {data + row * by_row, by_row, by_step}; }
};

// The right factor in blocks of sixteen columns, row k of block b at data[b * by_block + k * by_step].
struct Right {
    const float* data;
    std::size_t by_block, by_step;
    Right from_block(std::size_t b) const { return {data + b * by_block, by_block, by_step}; }
};

// finish(row, block, part, sum) is called for every vector of the product of `Rows` rows and `Blocks` blocks.
template <int Rows, int Blocks, typename Finish>
inline __attribute__((always_inline)) void tile(Left left, Right right, std::size_t n_steps, Finish finish) {
    Vector sums[Rows][Blocks][parts] = {};
    for (std::size_t k = 0; k < n_steps; k++) {
        Vector columns[Blocks][parts];
        GLASSNET_EACH (b, Blocks)
            GLASSNET_EACH (p, parts)
                columns[b][p] = load(right.data + b * right.by_block + k * right.by_step + p * lanes);
        GLASSNET_EACH (r, Rows) {
            const Vector factor = broadcast(left.data[r * left.by_row + k * left.by_step]);
            GLASSNET_EACH (b, Blocks)
                GLASSNET_EACH (p, parts) sums[r][b][p] += factor * columns[b][p];
        }
    }
    GLASSNET_EACH (r, Rows)
        GLASSNET_EACH (b, Blocks)
            GLASSNET_EACH (p, parts) finish(r, b, p, sums[r][b][p]);
}

// Rows of tiles from `row` on, the largest that fit; ten rows, the customary mini-batch, are one tile.
template <int Rows, int Blocks, typename Finish>
inline void rows_of_tiles(Left left, Right right, std::size_t row, std::size_t n_rows, std::size_t n_steps,
                          std::size_t block_index, Finish finish) {
    for (; row + Rows <= n_rows; row += Rows)
        tile<Rows, Blocks>(left.from_row(row), right.from_block(block_index), n_steps,
                           [&](int r, int b, int p, Vector sum) { finish(row + r, block_index + b, p, sum); });
    if constexpr (Rows > 1) {
        constexpr int fewer = Rows > 10 ? 10 : Rows > 8 ? 8 : Rows > 6 ? 6 : Rows > 4 ? 4 : Rows > 2 ? 2 : 1;
        if (row < n_rows) rows_of_tiles<fewer, Blocks>(left, right, row, n_rows, n_steps, block_index, finish);
    }
}

// The product of rows [first_row, last_row) with blocks [first_block, last_block).
template <typename Finish>
inline void product(Left left, Right right, std::size_t first_row, std::size_t last_row, std::size_t first_block,
                    std::size_t last_block, std::size_t n_steps, Finish finish) {
    std::size_t b = first_block;
    if constexpr (wide_blocks > 1)
        for (; b + wide_blocks <= last_block; b += wide_blocks)
            rows_of_tiles<most_rows, wide_blocks>(left, right, first_row, last_row, n_steps, b, finish);
    for (; b < last_block; b++) rows_of_tiles<most_rows, 1>(left, right, first_row, last_row, n_steps, b, finish);
}

}  // namespace glassnet::GLASSNET_ISA
