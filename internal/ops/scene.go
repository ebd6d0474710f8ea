package ops

import (
	"context"
	"fmt"
	"strings"

	"kfconsole/internal/auth"
	"kfconsole/internal/db"
)

// MaxSeenScene bounds a scene that customers brought along and that was never created here.
const MaxSeenScene = 128

// NameOfScene is the form that names a scene which customers brought along and which no link of ours has.
type NameOfScene struct {
	IntentID, Scene string
	Name, Note      string // 1..60 and at most 500 characters
}

// scenePayload is the before and after of naming a scene.
type scenePayload struct {
	Scene string `json:"scene,omitempty"`
	Name  string `json:"name"`
	Note  string `json:"note"`
}

// NameScene gives a scene a name of ours, or another one.
//
// Errors: ErrDenied, *Invalid (scene, name, note), *Duplicate, ErrStorage.
func (o *Ops) NameScene(ctx context.Context, actor auth.Actor, n NameOfScene) (Result, error) {
	scene := cutText(n.Scene, MaxSeenScene)
	target := Target{Kind: KindScene, ID: scene, Name: scene}
	if err := o.permit(ctx, actor, SceneName, target, n.IntentID); err != nil {
		return Result{}, err
	}
	if strings.TrimSpace(n.Scene) == "" {
		return Result{}, &Invalid{Field: "scene", Rule: "required"}
	}
	if err := checkText("scene", n.Scene, MaxSeenScene, ""); err != nil {
		return Result{}, err
	}
	name, err := line("name", n.Name, true, MaxLinkName)
	if err != nil {
		return Result{}, err
	}
	note, err := prose("note", n.Note, MaxNote)
	if err != nil {
		return Result{}, err
	}
	next := scenePayload{Scene: scene, Name: name, Note: note}
	var before any
	known, named, err := o.db.SceneName(ctx, scene)
	switch {
	case err != nil:
		return Result{}, fmt.Errorf("read scene: %w", err)
	case named && known.Name == name && known.Note == note:
		return Result{}, &Invalid{Field: "name", Rule: "unchanged"}
	case named:
		before = scenePayload{Name: known.Name, Note: known.Note}
	}
	return o.local(ctx, actor, change{id: n.IntentID, action: SceneName, target: target, input: next, before: before}, next, func(tx *db.DB) error {
		return tx.SetSceneName(ctx, db.SceneName{Scene: scene, Name: name, Note: note, NamedBy: actor.Name, At: o.now()})
	})
}
