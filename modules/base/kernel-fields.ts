/** How the numbers lie that the kernels (`kernels.ts`) work on. */

/** What is kept of an analog line: quiet between these counts; since the row began sum of means, smallest, largest. */
export const LINE_FIELDS = 10;
export const LINE_QUIET_LOW = 0;
export const LINE_QUIET_HIGH = 1;
export const LINE_SUM = 2;
export const LINE_LOWEST = 3;
export const LINE_HIGHEST = 4;
/** Mean of the block. */
export const LINE_MEAN = 5;
/** Engineering units of a count, and at none. */
export const LINE_GAIN = 6;
export const LINE_OFFSET = 7;
/** Since the row began: blocks without a value, worst quality. */
export const LINE_MISSING = 8;
export const LINE_WORST = 9;

/** What is kept of a contact: the level while it is settled, else -2; since the row began samples that were high. */
export const CONTACT_FIELDS = 3;
export const CONTACT_SETTLED = 0;
export const CONTACT_HIGH = 1;
/** Blocks without a level since the row began. */
export const CONTACT_MISSING = 2;

/** Of an analog line since the last readings frame: usable blocks, sum of their means, smallest, largest. */
export const READING_FIELDS = 4;
export const READING_COUNT = 0;
export const READING_SUM = 1;
export const READING_MIN = 2;
export const READING_MAX = 3;

/** Flat line of an analog channel: where the stretch began, its rows, half a step, limit; longest, rows learned. */
export const FLAT_FIELDS = 6;
export const FLAT_ANCHOR = 0;
export const FLAT_ROWS = 1;
export const FLAT_STEP = 2;
export const FLAT_LIMIT = 3;
export const FLAT_LONGEST = 4;
export const FLAT_LEARNED = 5;

/** How an input of the residual models is standardised (`model/residual-model.ts`). */
export const INPUT_FIELDS = 6;
export const INPUT_MEAN = 0;
/** 1 / standard deviation in the first quarter of learning; 0 for an input that did not move and is left out. */
export const INPUT_PRECISION = 1;
/** Square beyond which a standardised value is held. */
export const INPUT_LIMIT = 2;
/** Mean square while learning, in units of the first quarter's variance: how much more it moves than then. */
export const INPUT_POWER = 3;
/** 1 when its value is good; when its value and the one before are. */
export const INPUT_GOOD = 4;
export const INPUT_USABLE = 5;
/** Values beyond 50 times their spread while learning are held to it. */
export const INPUT_SQUARE_MAX = 2500;

/** Of an input, sums of the quarter of learning under way: values, squares, rows; then three over those before. */
export const QUARTER_FIELDS = 6;
export const QUARTER_SQUARES = 1;
export const QUARTER_ROWS = 2;

/** The residual model of an analog channel and its scores: two flags first. */
export const CHANNEL_FIELDS = 24;
export const CHANNEL_MODELLED = 0;
/** Its neighbours were good too seldom while learning: its own lag is all that is used. */
export const CHANNEL_ON_ITS_OWN = 1;
/** Standardised residual of the last row, held to 15; 0 while it cannot be computed. */
export const CHANNEL_RESIDUAL = 2;
/** Squared residual through EWMAs of 0.3 and 0.1, signed residual through one of 0.1; held by anti-windup. */
export const CHANNEL_FAST = 3;
export const CHANNEL_SLOW = 4;
export const CHANNEL_SIGNED = 5;
/** Squared residual through an EWMA of 0.1 without anti-windup: how intense the event is now. */
export const CHANNEL_INTENSITY = 6;
/** Anti-windup: the EWMAs are held to these. */
export const CHANNEL_FAST_LIMIT = 7;
export const CHANNEL_SLOW_LIMIT = 8;
export const CHANNEL_SIGNED_LIMIT = 9;
/** Prediction of the last row, standardised, and 1 / the scale that its residual was divided by. */
export const CHANNEL_PREDICTION = 10;
export const CHANNEL_SCORED_PRECISION = 11;
/** 1 / residual scale; weight and 1 / residual scale of its own lag alone, for rows in which a neighbour is missing. */
export const CHANNEL_PRECISION = 12;
export const CHANNEL_OWN_WEIGHT = 13;
export const CHANNEL_OWN_PRECISION = 14;
/** 1 / the learned 90 % quantiles of the three EWMAs' powers. */
export const CHANNEL_FAST_SHARE = 15;
export const CHANNEL_SLOW_SHARE = 16;
export const CHANNEL_SIGNED_SHARE = 17;
/** Regressors; 0: not modelled. */
export const CHANNEL_SIZE = 18;
/** Half the channel's resolution, in engineering units. */
export const CHANNEL_HALF_STEP = 19;
/** While learning: rows scored with neighbours and by the own lag, mean squared residuals of both. */
export const CHANNEL_FITTED = 20;
export const CHANNEL_OWN_FITTED = 21;
export const CHANNEL_VARIANCE = 22;
export const CHANNEL_OWN_VARIANCE = 23;
/** Variance of an EWMA of white noise is lambda / (2 - lambda) of it: this scales the square of the signed one back. */
export const SIGNED_POWER = (2 - 0.1) / 0.1;

/** Views of the residual detector: largest fast and slow, mean fast, norm of signed; then the largest intensity. */
export const VIEW_FIELDS = 5;
export const VIEW_FAST = 0;
export const VIEW_SLOW = 1;
export const VIEW_PLANT = 2;
export const VIEW_DRIFT = 3;
export const VIEW_INTENSITY = 4;

/** Bins of a histogram, its largest count, and fields of its state: samples, the quantile's bin, samples below it. */
export const HISTOGRAM_BINS = 80;
export const HISTOGRAM_COUNT_MAX = 65_535;
export const HISTOGRAM_FIELDS = 3;
