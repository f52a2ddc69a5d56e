/* The fields of a machine at rest that are plain words; the others hosts/m0 makes anew. */
#define MACHINE_FIELDS(FIELD) \
	FIELD(stack) FIELD(stackBottom) FIELD(stackTop) FIELD(stackPrototypes) FIELD(firstBlock) FIELD(freeHeap) \
	FIELD(firstHeap) FIELD(nameModulo) FIELD(symbolModulo) FIELD(keyCount) FIELD(keyDelta) FIELD(keyIndex) \
	FIELD(keyOffset) FIELD(aliasCount) FIELD(aliasIndex) FIELD(currentChunksSize) FIELD(peakChunksSize) \
	FIELD(maximumChunksSize) FIELD(minimumChunksSize) FIELD(currentHeapCount) FIELD(peakHeapCount) \
	FIELD(maximumHeapCount) FIELD(minimumHeapCount) FIELD(parserBufferSize) FIELD(parserTableModulo) \
	FIELD(collectFlag) FIELD(tag) FIELD(profileID)
