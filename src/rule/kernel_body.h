/* The kernels themselves; included by one file a level, which defines KERNELS_NAME and KERNELS_TABLE. Comparing turns 64 lanes into one
 * word: compilers vectorise the comparison but not the packing to bits, so the packing is written per instruction set; the portable form
 * serves every other machine, ARM64 included. */
#include "rule/kernel.h"

#if defined(__AVX512BW__) && defined(__AVX512DQ__)
#include <immintrin.h>

#define LANES __m512i
#define LOAD(p) _mm512_loadu_si512((const void *)(p))
#define PART(T) (64 / sizeof(T))
#define SPREAD_int8_t(k) _mm512_set1_epi8((char)(k))
#define SPREAD_int16_t(k) _mm512_set1_epi16((short)(k))
#define SPREAD_int32_t(k) _mm512_set1_epi32((int)(k))
#define SPREAD_int64_t(k) _mm512_set1_epi64((long long)(k))
#define BITS(T, sign, a, b)                                                                                                                \
	uint64_t bits = 0;                                                                                                                 \
	_Pragma("GCC unroll 8") for (size_t i = 0; i < sizeof(T); i++) bits |= (uint64_t)sign##_##T(LOAD((a) + i * PART(T)), b)            \
	                                                                       << (i * PART(T))
#define EQ_int8_t _mm512_cmpeq_epi8_mask
#define EQ_int16_t _mm512_cmpeq_epi16_mask
#define EQ_int32_t _mm512_cmpeq_epi32_mask
#define EQ_int64_t _mm512_cmpeq_epi64_mask
#define GT_int8_t _mm512_cmpgt_epi8_mask
#define GT_int16_t _mm512_cmpgt_epi16_mask
#define GT_int32_t _mm512_cmpgt_epi32_mask
#define GT_int64_t _mm512_cmpgt_epi64_mask
#define LT_int8_t _mm512_cmplt_epi8_mask
#define LT_int16_t _mm512_cmplt_epi16_mask
#define LT_int32_t _mm512_cmplt_epi32_mask
#define LT_int64_t _mm512_cmplt_epi64_mask

#elif defined(__AVX2__)
#include <immintrin.h>

#define LANES __m256i
#define LOAD(p) _mm256_loadu_si256((const __m256i *)(const void *)(p))
#define PART(T) (32 / sizeof(T))
#define SPREAD_int8_t(k) _mm256_set1_epi8((char)(k))
#define SPREAD_int16_t(k) _mm256_set1_epi16((short)(k))
#define SPREAD_int32_t(k) _mm256_set1_epi32((int)(k))
#define SPREAD_int64_t(k) _mm256_set1_epi64x((long long)(k))
#define BITS(T, sign, a, b)                                                                                                                \
	__m256i m[2 * sizeof(T)];                                                                                                          \
	_Pragma("GCC unroll 16") for (size_t i = 0; i < 2 * sizeof(T); i++) m[i] = sign##_##T(LOAD((a) + i * PART(T)), b);                 \
	uint64_t bits = gather_##T(m)
#define EQ_int8_t _mm256_cmpeq_epi8
#define EQ_int16_t _mm256_cmpeq_epi16
#define EQ_int32_t _mm256_cmpeq_epi32
#define EQ_int64_t _mm256_cmpeq_epi64
#define GT_int8_t _mm256_cmpgt_epi8
#define GT_int16_t _mm256_cmpgt_epi16
#define GT_int32_t _mm256_cmpgt_epi32
#define GT_int64_t _mm256_cmpgt_epi64
#define LT_int8_t(a, b) _mm256_cmpgt_epi8(b, a)
#define LT_int16_t(a, b) _mm256_cmpgt_epi16(b, a)
#define LT_int32_t(a, b) _mm256_cmpgt_epi32(b, a)
#define LT_int64_t(a, b) _mm256_cmpgt_epi64(b, a)

static inline uint64_t gather_int8_t(const __m256i *m)
{
	return (uint32_t)_mm256_movemask_epi8(m[0]) | (uint64_t)(uint32_t)_mm256_movemask_epi8(m[1]) << 32;
}

/** Packing works within halves of a register; the permutation puts the quarters in order again. */
static inline uint64_t gather_int16_t(const __m256i *m)
{
	const __m256i bytes[2] = { _mm256_permute4x64_epi64(_mm256_packs_epi16(m[0], m[1]), 0xd8),
		_mm256_permute4x64_epi64(_mm256_packs_epi16(m[2], m[3]), 0xd8) };

	return gather_int8_t(bytes);
}

static inline uint64_t gather_int32_t(const __m256i *m)
{
	__m256i shorts[4];

	for (int i = 0; i < 4; i++)
		shorts[i] = _mm256_permute4x64_epi64(_mm256_packs_epi32(m[2 * i], m[2 * i + 1]), 0xd8);
	return gather_int16_t(shorts);
}

static inline uint64_t gather_int64_t(const __m256i *m)
{
	uint64_t bits = 0;

	for (int i = 0; i < 16; i++)
		bits |= (uint64_t)(uint32_t)_mm256_movemask_pd(_mm256_castsi256_pd(m[i])) << (4 * i);
	return bits;
}
#endif

#ifdef LANES
#define COMPARE(name, T, sign)                                                                                                             \
	static void name##_##T(const void *a, const void *b, int64_t k, const uint64_t *a_valid, const uint64_t *b_valid, size_t words,    \
		uint64_t *yes, uint64_t *no)                                                                                               \
	{                                                                                                                                  \
		(void)k;                                                                                                                   \
		for (size_t w = 0; w < words; w++) {                                                                                       \
			const T *av = (const T *)a + w * 64, *bv = (const T *)b + w * 64;                                                  \
			uint64_t valid = a_valid[w] & b_valid[w];                                                                          \
			BITS(T, sign, av, LOAD(bv + i * PART(T)));                                                                         \
			bits &= valid;                                                                                                     \
			yes[w] = bits;                                                                                                     \
			no[w] = bits ^ valid;                                                                                              \
		}                                                                                                                          \
	}                                                                                                                                  \
	static void name##_k_##T(const void *a, const void *b, int64_t k, const uint64_t *a_valid, const uint64_t *b_valid, size_t words,  \
		uint64_t *yes, uint64_t *no)                                                                                               \
	{                                                                                                                                  \
		LANES wide = SPREAD_##T(k);                                                                                                \
		(void)b;                                                                                                                   \
		(void)b_valid;                                                                                                             \
		for (size_t w = 0; w < words; w++) {                                                                                       \
			const T *av = (const T *)a + w * 64;                                                                               \
			uint64_t valid = a_valid[w];                                                                                       \
			BITS(T, sign, av, wide);                                                                                           \
			bits &= valid;                                                                                                     \
			yes[w] = bits;                                                                                                     \
			no[w] = bits ^ valid;                                                                                              \
		}                                                                                                                          \
	}

#else
#include <string.h>

/** Eight bytes that are 0 or 1 become eight bits at a time. */
static inline uint64_t pack64(const uint8_t *bytes)
{
	uint64_t out = 0;

	for (int i = 0; i < 8; i++) {
		uint64_t w;

		memcpy(&w, bytes + 8 * i, 8);
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
		w = __builtin_bswap64(w);
#endif
		out |= (w * 0x0102040810204080u >> 56) << (8 * i);
	}
	return out;
}

#define EQ ==
#define GT >
#define LT <
#define COMPARE(name, T, sign)                                                                                                             \
	static void name##_##T(const void *a, const void *b, int64_t k, const uint64_t *a_valid, const uint64_t *b_valid, size_t words,    \
		uint64_t *yes, uint64_t *no)                                                                                               \
	{                                                                                                                                  \
		(void)k;                                                                                                                   \
		for (size_t w = 0; w < words; w++) {                                                                                       \
			const T *av = (const T *)a + w * 64, *bv = (const T *)b + w * 64;                                                  \
			uint64_t valid = a_valid[w] & b_valid[w], bits;                                                                    \
			uint8_t bytes[64];                                                                                                 \
			for (int i = 0; i < 64; i++)                                                                                       \
				bytes[i] = av[i] sign bv[i];                                                                               \
			bits = pack64(bytes) & valid;                                                                                      \
			yes[w] = bits;                                                                                                     \
			no[w] = bits ^ valid;                                                                                              \
		}                                                                                                                          \
	}                                                                                                                                  \
	static void name##_k_##T(const void *a, const void *b, int64_t k, const uint64_t *a_valid, const uint64_t *b_valid, size_t words,  \
		uint64_t *yes, uint64_t *no)                                                                                               \
	{                                                                                                                                  \
		T narrow = (T)k;                                                                                                           \
		(void)b;                                                                                                                   \
		(void)b_valid;                                                                                                             \
		for (size_t w = 0; w < words; w++) {                                                                                       \
			const T *av = (const T *)a + w * 64;                                                                               \
			uint64_t valid = a_valid[w], bits;                                                                                 \
			uint8_t bytes[64];                                                                                                 \
			for (int i = 0; i < 64; i++)                                                                                       \
				bytes[i] = av[i] sign narrow;                                                                              \
			bits = pack64(bytes) & valid;                                                                                      \
			yes[w] = bits;                                                                                                     \
			no[w] = bits ^ valid;                                                                                              \
		}                                                                                                                          \
	}
#endif

#define COMPARE_ALL(T) COMPARE(eq, T, EQ) COMPARE(gt, T, GT) COMPARE(lt, T, LT)
COMPARE_ALL(int8_t)
COMPARE_ALL(int16_t)
COMPARE_ALL(int32_t)
COMPARE_ALL(int64_t)

static void join(const uint64_t *a, const uint64_t *b, const uint64_t *c, const uint64_t *d, size_t words, uint64_t *restrict both,
	uint64_t *restrict either)
{
	for (size_t w = 0; w < words; w++) {
		both[w] = a[w] & b[w];
		either[w] = c[w] | d[w];
	}
}

static void choose(const uint64_t *is, const uint64_t *a_yes, const uint64_t *a_no, const uint64_t *b_yes, const uint64_t *b_no,
	size_t words, uint64_t *restrict yes, uint64_t *restrict no)
{
	for (size_t w = 0; w < words; w++) {
		yes[w] = (a_yes[w] & is[w]) | (b_yes[w] & ~is[w]);
		no[w] = (a_no[w] & is[w]) | (b_no[w] & ~is[w]);
	}
}

static void blank(
	const uint64_t *none, const uint64_t *a_yes, const uint64_t *a_no, size_t words, uint64_t *restrict yes, uint64_t *restrict no)
{
	for (size_t w = 0; w < words; w++) {
		yes[w] = a_yes[w] & ~none[w];
		no[w] = a_no[w] & ~none[w];
	}
}

static void neither(const uint64_t *a, const uint64_t *b, size_t words, uint64_t *restrict yes, uint64_t *restrict no)
{
	for (size_t w = 0; w < words; w++) {
		yes[w] = ~(a[w] | b[w]);
		no[w] = a[w] | b[w];
	}
}

/** The verdicts in their order: not in force, unknown, clean, exempt, hit. */
static void judge(struct kernel_judged *j, size_t words)
{
	int64_t outside = 0, unknowns = 0, exempts = 0, hits = 0;

	for (size_t w = 0; w < words; w++) {
		uint64_t live = w + 1 == words ? j->last : ~(uint64_t)0, in = j->force_yes[w] & live, out = j->force_no[w] & live;
		uint64_t decided = j->when_yes[w] | j->when_no[w], unknown = (live & ~in & ~out) | (in & ~decided);
		uint64_t holds = in & j->when_yes[w], exempt = holds & j->exempt_yes[w], hit = holds & ~exempt;

		outside += __builtin_popcountll(out);
		unknowns += __builtin_popcountll(unknown);
		exempts += __builtin_popcountll(exempt);
		hits += __builtin_popcountll(hit);
		j->hit[w] = hit;
		j->exempt[w] = exempt;
		j->unknown[w] = unknown;
	}
	j->outside_count = outside;
	j->unknown_count = unknowns;
	j->exempt_count = exempts;
	j->hit_count = hits;
}

extern const struct kernels KERNELS_TABLE;
const struct kernels KERNELS_TABLE = {
	.name = KERNELS_NAME,
	.columns = {
		[FRAME_WIDTH_8] = { eq_int8_t, gt_int8_t, lt_int8_t },
		[FRAME_WIDTH_16] = { eq_int16_t, gt_int16_t, lt_int16_t },
		[FRAME_WIDTH_32] = { eq_int32_t, gt_int32_t, lt_int32_t },
		[FRAME_WIDTH_64] = { eq_int64_t, gt_int64_t, lt_int64_t },
	},
	.constant = {
		[FRAME_WIDTH_8] = { eq_k_int8_t, gt_k_int8_t, lt_k_int8_t },
		[FRAME_WIDTH_16] = { eq_k_int16_t, gt_k_int16_t, lt_k_int16_t },
		[FRAME_WIDTH_32] = { eq_k_int32_t, gt_k_int32_t, lt_k_int32_t },
		[FRAME_WIDTH_64] = { eq_k_int64_t, gt_k_int64_t, lt_k_int64_t },
	},
	.join = join,
	.choose = choose,
	.blank = blank,
	.neither = neither,
	.judge = judge,
};
