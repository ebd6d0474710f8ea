//go:build soak

package live

import (
	"testing"
	"time"

	"kfconsole/internal/kf/kfsim"
)

// TestSoakKillDuringIngest is the long run of TestKillDuringIngest: 50 000 messages over 20 accounts.
func TestSoakKillDuringIngest(t *testing.T) {
	seed := uint64(time.Now().UnixNano())
	k := newKillRun(t, seed, kfsim.Delivery{Duplicate: 3, Shuffle: true, Delay: "2s", DropEvery: 10, Seed: int64(seed), Merge: true})
	plan := kfsim.TrafficPlan{Accounts: 20, Customers: 5000, Messages: 50_000, Seed: int64(seed), Over: 60 * time.Second}
	if err := k.run(plan, 200, 10*time.Minute); err != nil {
		t.Errorf("after %d kills: %.4000s", k.kills, err.Error())
	}
	t.Logf("50 000 messages, %d processes killed", k.kills)
}
