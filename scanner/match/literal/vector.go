package literal

// vecTable is the table of the vector filter: for each lane and each eight
// buckets two rows, for the classes 0 to 15 and 16 to 31.
//
// With the 2,044 literals of the built-in rules, CPU time over 16 MB of
// terraform's tree: Find 15.2 ms, of which 4.9 are the filter; with wideTable 10.2
// and 4.0; with plainTable 25.8 and 11.2 (best of seven of four rounds, Intel
// Sapphire Rapids, 2026-11-26).
type vecTable [lanes][vecBuckets / 8][2][16]uint8

const vecBuckets = 32 // as filterAVX2 has them

// vecClasses sorts bytes by their low five bits, so that two shuffles of 16 look
// up all classes.
func vecClasses() *classing {
	return &classing{class: func(c byte) int { return int(c % 32) }, buckets: vecBuckets}
}

func (t *vecTable) fill(sets *laneSets) {
	for j := range lanes {
		for k := range 32 {
			takes := sets[j][k] | sets[j][anyByte]
			for b := range vecBuckets / 8 {
				t[j][b][k/16][k%16] = uint8(takes >> (8 * b))
			}
		}
	}
}

// wideTable is the table of the filter for AVX-512 with VBMI, whose one shuffle
// looks up 64 classes at 64 positions: for each lane and each eight buckets a row.
type wideTable [lanes][wideBuckets / 8][64]uint8

const wideBuckets = 64 // as filterAVX512 has them

// wideClasses sorts bytes by symbol, which keeps letters and all else apart.
func wideClasses() *classing { return &classing{class: symbol, buckets: wideBuckets} }

func (t *wideTable) fill(sets *laneSets) {
	for j := range lanes {
		for k := range 64 {
			takes := sets[j][k] | sets[j][anyByte]
			for b := range wideBuckets / 8 {
				t[j][b][k] = uint8(takes >> (8 * b))
			}
		}
	}
}
