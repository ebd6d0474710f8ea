package db

import (
	"encoding/hex"
	"sync"

	"golang.org/x/text/collate"
	"golang.org/x/text/language"
)

// keyer makes sort keys of names: Chinese by pinyin, numbers by value, case and width aside. A key is hex text, so every
// engine and locale orders keys alike.
type keyer struct {
	once sync.Once
	mu   sync.Mutex
	coll *collate.Collator
	buf  collate.Buffer
}

// maxKey bounds a key in bytes; names that agree so far are ordered by id.
const maxKey = 128

func (k *keyer) of(name string) string {
	k.once.Do(func() { k.coll = collate.New(language.Chinese, collate.Numeric) })
	k.mu.Lock()
	defer k.mu.Unlock()
	k.buf.Reset()
	key := k.coll.KeyFromString(&k.buf, name)
	return hex.EncodeToString(key[:min(len(key), maxKey)])
}
