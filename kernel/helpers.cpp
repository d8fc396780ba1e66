#include "helpers.hpp"

#if GLASSNET_THREADS

#include <system_error>

#include "team.hpp"

namespace glassnet {

namespace {
constexpr unsigned joined = 0xffff, open = 0x10000, one_job = 0x20000;
constexpr int patience = 10'000;  // looks for new work, some hundred microseconds, before a helper goes to sleep
}  // namespace

Helpers& Helpers::of_this_process() {
    static std::atomic<Helpers*> helpers{nullptr};
    static std::atomic<long> owner{0};
    static std::mutex making;
    if (owner.load(std::memory_order_acquire) != this_process()) {
        const std::lock_guard lock(making);
        if (owner.load() != this_process()) {
            helpers.store(new Helpers);  // never destroyed: its threads may be waiting when the process ends
            owner.store(this_process(), std::memory_order_release);
        }
    }
    return *helpers.load();
}

void Helpers::run(int n, const std::function<void(int)>& work) {
    const std::unique_lock mine(one_caller_, std::try_to_lock);
    if (n == 1 || !mine) return work(0);
    try {
        threads_.reserve(n - 1);
        while (threads_.size() < static_cast<std::size_t>(n - 1)) {
            std::thread helper([this] { help(); });
            threads_.push_back(helper.native_handle());
            helper.detach();
        }
    } catch (const std::system_error&) {  // those that are there will do
    }
    keep_apart(threads_);
    work_ = &work;
    most_ = n - 1;
    left_.store(0, std::memory_order_relaxed);
    failure_ = nullptr;
    job_.store(((job_.load(std::memory_order_relaxed) & ~(joined | open)) + one_job) | open, std::memory_order_release);
    job_.notify_all();
    std::exception_ptr own_failure;
    try {
        work(0);
    } catch (...) {
        own_failure = std::current_exception();
    }
    const unsigned n_joined = job_.fetch_and(~open, std::memory_order_acq_rel) & joined;
    unsigned n_left = left_.load(std::memory_order_acquire);
    for (int looks = 0; n_left != n_joined; looks++) {
        if (looks < patience)
            relax();
        else
            left_.wait(n_left, std::memory_order_acquire);
        n_left = left_.load(std::memory_order_acquire);
    }
    if (own_failure) std::rethrow_exception(own_failure);
    if (failure_) std::rethrow_exception(failure_);
}

void Helpers::help() {
    unsigned done = 0;  // the number of the last job, 0 before the first
    for (;;) {
        unsigned now = job_.load(std::memory_order_acquire);
        for (int looks = 0; !(now & open) || (now & ~(joined | open)) == done; looks++) {
            if (looks < patience)
                relax();
            else
                job_.wait(now, std::memory_order_acquire);
            now = job_.load(std::memory_order_acquire);
        }
        done = now & ~(joined | open);
        bool is_in = false;
        while (!is_in && (now & open) && (now & ~(joined | open)) == done && static_cast<int>(now & joined) < most_)
            is_in = job_.compare_exchange_weak(now, now + 1, std::memory_order_acq_rel);
        if (!is_in) continue;
        try {
            (*work_)(static_cast<int>(now & joined) + 1);
        } catch (...) {
            const std::lock_guard lock(failing_);
            failure_ = std::current_exception();
        }
        left_.fetch_add(1, std::memory_order_acq_rel);
        left_.notify_one();
    }
}

}  // namespace glassnet

#endif
