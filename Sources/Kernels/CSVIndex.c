// Where the cells of a chunk end: 64 bytes become bit masks, set bits become offsets.
#include "Level.h"

#include <string.h>
#if CUTOVER_X86
#include <immintrin.h>
#endif

// Of 64 bytes, one bit each.
typedef struct {
  uint64_t comma, lineFeed, carriageReturn, strange;
} masks;

// Exact for every byte: no carry crosses from one to the next.
INLINE uint64_t equal_bytes(uint64_t word, uint8_t byte) {
  const uint64_t low = 0x7F7F7F7F7F7F7F7FULL;
  uint64_t t = word ^ (0x0101010101010101ULL * byte);
  return ~(((t & low) + low) | t | low);
}

INLINE uint64_t top_bits(uint64_t tops) {
  return ((tops >> 7) * 0x0102040810204080ULL) >> 56;
}

INLINE masks masks_plain(const uint8_t *bytes) {
  masks m = {0, 0, 0, 0};
  for (int i = 0; i < 8; ++i) {
    uint64_t word;
    memcpy(&word, bytes + 8 * i, 8);
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    word = __builtin_bswap64(word);
#endif
    const uint64_t low = 0x7F7F7F7F7F7F7F7FULL;
    // Below 0x20: adding 0x60 to the lower seven bits does not reach the top bit.
    uint64_t control = ~((word & low) + 0x6060606060606060ULL) & ~low & ~word;
    uint64_t line = equal_bytes(word, '\n'), back = equal_bytes(word, '\r');
    uint64_t strange = (control & ~line & ~back) | (word & ~low) | equal_bytes(word, '"') |
                       equal_bytes(word, 0x7F);
    m.comma |= top_bits(equal_bytes(word, ',')) << (8 * i);
    m.lineFeed |= top_bits(line) << (8 * i);
    m.carriageReturn |= top_bits(back) << (8 * i);
    m.strange |= top_bits(strange) << (8 * i);
  }
  return m;
}

#if CUTOVER_X86
TARGET_AVX2 INLINE masks masks_avx2(const uint8_t *bytes) {
  masks m = {0, 0, 0, 0};
  for (int i = 0; i < 2; ++i) {
    __m256i v = _mm256_loadu_si256((const __m256i *)(bytes + 32 * i));
    __m256i line = _mm256_cmpeq_epi8(v, _mm256_set1_epi8('\n'));
    __m256i back = _mm256_cmpeq_epi8(v, _mm256_set1_epi8('\r'));
    // Signed: below 0x20 are control characters and all that is not ASCII.
    __m256i low = _mm256_cmpgt_epi8(_mm256_set1_epi8(0x20), v);
    __m256i strange = _mm256_andnot_si256(_mm256_or_si256(line, back), low);
    strange = _mm256_or_si256(strange, _mm256_cmpeq_epi8(v, _mm256_set1_epi8('"')));
    strange = _mm256_or_si256(strange, _mm256_cmpeq_epi8(v, _mm256_set1_epi8(0x7F)));
    int shift = 32 * i;
    m.comma |=
        (uint64_t)(uint32_t)_mm256_movemask_epi8(_mm256_cmpeq_epi8(v, _mm256_set1_epi8(',')))
        << shift;
    m.lineFeed |= (uint64_t)(uint32_t)_mm256_movemask_epi8(line) << shift;
    m.carriageReturn |= (uint64_t)(uint32_t)_mm256_movemask_epi8(back) << shift;
    m.strange |= (uint64_t)(uint32_t)_mm256_movemask_epi8(strange) << shift;
  }
  return m;
}

TARGET_AVX512 INLINE masks masks_avx512(const uint8_t *bytes) {
  __m512i v = _mm512_loadu_si512(bytes);
  masks m;
  m.comma = _mm512_cmpeq_epi8_mask(v, _mm512_set1_epi8(','));
  m.lineFeed = _mm512_cmpeq_epi8_mask(v, _mm512_set1_epi8('\n'));
  m.carriageReturn = _mm512_cmpeq_epi8_mask(v, _mm512_set1_epi8('\r'));
  m.strange = (_mm512_cmplt_epi8_mask(v, _mm512_set1_epi8(0x20)) & ~m.lineFeed &
               ~m.carriageReturn) |
              _mm512_cmpeq_epi8_mask(v, _mm512_set1_epi8('"')) |
              _mm512_cmpeq_epi8_mask(v, _mm512_set1_epi8(0x7F));
  return m;
}
#endif

// The loop, for one way to make masks. Bytes behind the chunk may be anything: they are masked.
#define INDEX_LOOP(MASKS)                                                                          \
  uint32_t *out = positions;                                                                       \
  *out++ = UINT32_MAX;                                                                             \
  uint64_t strange = 0, openReturn = 0;                                                            \
  size_t lines = 0;                                                                                \
  for (size_t at = 0; at < count; at += 64) {                                                      \
    masks m = MASKS(bytes + at);                                                                   \
    if (count - at < 64) {                                                                         \
      uint64_t inside = (1ULL << (count - at)) - 1;                                                \
      m.comma &= inside, m.lineFeed &= inside, m.carriageReturn &= inside, m.strange &= inside;    \
    }                                                                                              \
    /* A CR without its LF is another kind of line end. */                                         \
    strange |= m.strange | (((m.carriageReturn << 1) | openReturn) & ~m.lineFeed);                 \
    openReturn = m.carriageReturn >> 63;                                                           \
    lines += (size_t)__builtin_popcountll(m.lineFeed);                                             \
    uint64_t ends = m.comma | m.lineFeed;                                                          \
    size_t found = (size_t)__builtin_popcountll(ends);                                             \
    /* Eight at a time without a branch each; what is written too much is overwritten. */         \
    for (size_t k = 0; k < found; k += 8) {                                                        \
      for (int i = 0; i < 8; ++i) {                                                                \
        out[k + i] = (uint32_t)at + (uint32_t)__builtin_ctzll(ends | (1ULL << 63));                \
        ends &= ends - 1;                                                                          \
      }                                                                                            \
    }                                                                                              \
    out += found;                                                                                  \
    if (strange) return -1;                                                                        \
  }                                                                                                \
  if (openReturn) return -1;                                                                       \
  size_t cells = (size_t)(out - positions) - 1;                                                    \
  if (cells != lines * columns) return -1;                                                         \
  /* As many line feeds as rows, and each where a row ends: then none is elsewhere. */             \
  for (size_t row = 1; row <= lines; ++row) {                                                      \
    if (bytes[positions[row * columns]] != '\n') return -1;                                        \
  }                                                                                                \
  return (ptrdiff_t)cells;

static ptrdiff_t index_plain(
    const uint8_t *bytes, size_t count, size_t columns, uint32_t *positions) {
  INDEX_LOOP(masks_plain)
}

#if CUTOVER_X86
TARGET_AVX2 static ptrdiff_t index_avx2(
    const uint8_t *bytes, size_t count, size_t columns, uint32_t *positions) {
  INDEX_LOOP(masks_avx2)
}

TARGET_AVX512 static ptrdiff_t index_avx512(
    const uint8_t *bytes, size_t count, size_t columns, uint32_t *positions) {
  INDEX_LOOP(masks_avx512)
}
#endif

ptrdiff_t cutover_csv_index(
    const uint8_t *bytes, size_t count, size_t columns, uint32_t *positions) {
  if (count == 0 || count >= UINT32_MAX || columns == 0 || bytes[count - 1] != '\n') return -1;
#if CUTOVER_X86
  switch (cutover_kernel_level()) {
  case CUTOVER_LEVEL_AVX512: return index_avx512(bytes, count, columns, positions);
  case CUTOVER_LEVEL_AVX2: return index_avx2(bytes, count, columns, positions);
  }
#endif
  return index_plain(bytes, count, columns, positions);
}

// Counts of a stretch short enough for bytes to hold them; the compiler makes vectors of it.
#define COUNT_STRETCH 224

#define COUNT_LOOP                                                                                 \
  cutover_counts answer = {0, 0};                                                                  \
  for (size_t at = 0; at < count; at += COUNT_STRETCH) {                                           \
    size_t length = count - at < COUNT_STRETCH ? count - at : COUNT_STRETCH;                       \
    uint8_t feeds = 0, returns = 0, quotes = 0;                                                    \
    for (size_t i = at; i < at + length; ++i) {                                                    \
      feeds += bytes[i] == '\n';                                                                   \
      returns += bytes[i] == '\r';                                                                 \
      quotes += bytes[i] == '"';                                                                   \
    }                                                                                              \
    answer.lines += feeds;                                                                         \
    answer.quotes += quotes;                                                                       \
    if (returns) {                                                                                 \
      for (size_t i = at; i < at + length; ++i) {                                                  \
        answer.lines += bytes[i] == '\r' && !(i + 1 < count && bytes[i + 1] == '\n');              \
      }                                                                                            \
    }                                                                                              \
  }                                                                                                \
  return answer;

static cutover_counts count_plain(const uint8_t *bytes, size_t count) { COUNT_LOOP }

#if CUTOVER_X86
TARGET_AVX2 static cutover_counts count_avx2(const uint8_t *bytes, size_t count) { COUNT_LOOP }

TARGET_AVX512 static cutover_counts count_avx512(const uint8_t *bytes, size_t count) {
  const __m512i feed = _mm512_set1_epi8('\n'), back = _mm512_set1_epi8('\r');
  const __m512i quote = _mm512_set1_epi8('"');
  cutover_counts answer = {0, 0};
  // Whether the byte in front is a CR whose line end is not counted yet.
  uint64_t open = 0;
  for (size_t at = 0; at < count; at += 64) {
    __mmask64 inside = count - at < 64 ? (1ULL << (count - at)) - 1 : ~0ULL;
    __m512i v = _mm512_maskz_loadu_epi8(inside, bytes + at);
    uint64_t feeds = _mm512_cmpeq_epi8_mask(v, feed), returns = _mm512_cmpeq_epi8_mask(v, back);
    answer.quotes += (size_t)__builtin_popcountll(_mm512_cmpeq_epi8_mask(v, quote));
    // A CR counts where the byte behind it stands, unless that is a LF, which counts itself.
    uint64_t behind = (returns << 1) | open;
    answer.lines += (size_t)__builtin_popcountll(feeds) +
                    (size_t)__builtin_popcountll(behind & ~feeds);
    open = returns >> 63;
  }
  // Behind the last byte is no LF.
  answer.lines += open;
  return answer;
}
#endif

cutover_counts cutover_csv_count(const uint8_t *bytes, size_t count) {
#if CUTOVER_X86
  switch (cutover_kernel_level()) {
  case CUTOVER_LEVEL_AVX512: return count_avx512(bytes, count);
  case CUTOVER_LEVEL_AVX2: return count_avx2(bytes, count);
  }
#endif
  return count_plain(bytes, count);
}
