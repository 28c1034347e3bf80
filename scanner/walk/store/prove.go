package store

import (
	"crypto/sha1"
	"errors"
	"strconv"

	"github.com/go-git/go-git/v5/plumbing"

	"keyrake/scanner/walk/store/sums"
)

// ErrName means that an object is not what its name says.
var ErrName = errors.New("its content does not hash to its name: it was damaged or replaced; run \"git fsck\"")

// Prove returns ErrName unless the content hashes to the name h.
func Prove(h plumbing.Hash, typ plumbing.ObjectType, data []byte) error {
	var room [32]byte
	sum := sha1.New()
	sum.Write(head(room[:0], typ, int64(len(data))))
	sum.Write(data)
	var name plumbing.Hash
	sum.Sum(name[:0])
	if name != h {
		return ErrName
	}
	return nil
}

// head appends what the name of an object covers before its content of size bytes.
func head(to []byte, typ plumbing.ObjectType, size int64) []byte {
	to = append(append(to, typ.String()...), ' ')
	return append(strconv.AppendInt(to, size, 10), 0)
}

// Prover is Prove for many objects, in a third of the time. What is wrong is reported
// a while after it was seen, by Finish at the latest. It belongs to one goroutine.
type Prover struct {
	batch *sums.Batch[claim]
	room  [32]byte
}

// claim is the name that an object has to hash to.
type claim struct {
	name plumbing.Hash
	typ  plumbing.ObjectType
}

// NewProver makes a prover that calls wrong for each object that is not what its
// name says.
func NewProver(wrong func(h plumbing.Hash, typ plumbing.ObjectType)) *Prover {
	return &Prover{batch: sums.NewBatch(func(c claim, sum [sha1.Size]byte) {
		if c.name != sum {
			wrong(c.name, c.typ)
		}
	})}
}

// Prove takes an object, whose content it does not keep.
func (p *Prover) Prove(h plumbing.Hash, typ plumbing.ObjectType, data []byte) {
	p.batch.Add(head(p.room[:0], typ, int64(len(data))), data, claim{h, typ})
}

// Finish proves what was taken.
func (p *Prover) Finish() { p.batch.Finish() }
