/** The JSON Schema (draft-07) of a wiring file; `npm run config -- schema` prints it for editors. */
const NAME = { type: 'string', minLength: 1, maxLength: 32 };
const pairOf = (items: object) => ({ type: 'array', items, minItems: 2, maxItems: 2 });

export const WIRING_SCHEMA = {
  $schema: 'http://json-schema.org/draft-07/schema#',
  title: 'Wiring and settings of a Wirewitness board',
  type: 'object',
  additionalProperties: false,
  required: ['analog', 'digital'],
  properties: {
    analog: {
      description: 'Analog lines, in the order of the inputs',
      type: 'array',
      items: {
        type: 'object',
        additionalProperties: false,
        required: ['name', 'range'],
        properties: {
          name: NAME,
          kind: { description: '4-20 mA or 0-10 V', enum: ['current', 'voltage'], default: 'current' },
          unit: { description: 'as SenML names it', type: 'string', maxLength: 32, default: '' },
          range: { description: 'engineering value at 4 mA (0 V) and at 20 mA (10 V)', ...pairOf({ type: 'number' }) },
          counts: {
            description:
              'converter counts at 4 mA (0 V) and at 20 mA (10 V); [654, 3270] (0-10 V: [0, 3257]) when left out',
            ...pairOf({ type: 'integer' }),
          },
          limits: { description: 'alarm limits', ...pairOf({ type: ['number', 'null'] }), default: [null, null] },
          resolution: { description: 'smallest step; one count when left out', type: 'number', minimum: 0 },
        },
      },
    },
    digital: {
      description: 'Digital lines, in the order of the inputs',
      type: 'array',
      items: {
        type: 'object',
        additionalProperties: false,
        required: ['name'],
        properties: {
          name: NAME,
          kind: { enum: ['contact', 'pulse'], default: 'contact' },
          debounceMs: { type: 'number', minimum: 0, default: 20 },
        },
      },
    },
    pairs: {
      description:
        'Orders of the PLC and the lines that must answer them, by name: contact or loop to loop, contact to contact',
      type: 'array',
      default: [],
      items: {
        type: 'object',
        additionalProperties: false,
        required: ['name', 'order', 'execution'],
        properties: {
          name: NAME,
          order: NAME,
          execution: NAME,
          inverted: {
            description: 'the contact opens as the order closes; of loops it is learned',
            type: 'boolean',
            default: false,
          },
        },
      },
    },
    interlocks: {
      description: 'Conditions that must bring outputs to levels, by name: one of level, above and below states it',
      type: 'array',
      default: [],
      items: {
        type: 'object',
        additionalProperties: false,
        required: ['name', 'channel', 'outputs'],
        properties: {
          name: NAME,
          channel: NAME,
          level: { description: 'of a contact', enum: ['open', 'closed'] },
          above: { description: 'of an analog line, in its unit', type: 'number' },
          below: { description: 'of an analog line, in its unit', type: 'number' },
          outputs: {
            description: 'contacts and how each must stand',
            type: 'object',
            minProperties: 1,
            additionalProperties: { enum: ['open', 'closed'] },
          },
          withinMs: { description: 'time that they have; learned when left out', type: 'number', exclusiveMinimum: 0 },
        },
      },
    },
    cycleStart: { description: 'contact that starts a machine cycle', type: ['string', 'null'], default: null },
    learnMinutes: { type: 'number', exclusiveMinimum: 0, default: 5 },
    falseAlarmsPerDay: { type: 'number', exclusiveMinimum: 0, default: 1 },
    neighboursMax: { type: 'integer', minimum: 0, maximum: 8, default: 2 },
    heartbeatSeconds: { type: 'number', exclusiveMinimum: 0, default: 10 },
    readingsSeconds: { type: 'number', exclusiveMinimum: 0, default: 60 },
    address: { description: 'on RS-485', type: 'integer', minimum: 1, maximum: 247, default: 1 },
    oneWayTimes: {
      description: 'one-way links: hear nothing and send each frame so many times; 0: links go both ways',
      type: 'integer',
      minimum: 0,
      maximum: 16,
      default: 0,
    },
  },
} as const;
