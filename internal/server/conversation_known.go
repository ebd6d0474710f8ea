package server

import (
	"context"
	"slices"

	"kfconsole/internal/db"
	"kfconsole/internal/kf"
	"kfconsole/web/templates/href"
)

// known is what the rows of a conversation name: read once for all of them.
type known struct {
	people map[string]db.Person
	media  map[string]db.Media
	scenes map[string]source
}

// learn reads what the rows of a timeline name.
func (s *Server) learn(ctx context.Context, k *talk, rows []db.Message) (err error) {
	var people, media []string
	scenes := []string{k.Scene}
	for _, row := range rows {
		people, media = append(people, row.ServicerID), append(media, row.Media)
		if row.Origin != db.OriginSystem && row.Kind != "business_card" {
			continue
		}
		switch e := kf.ParseMessage(row.Raw).Content.(type) {
		case kf.SessionChange:
			people = append(people, string(e.Old), string(e.New))
		case kf.Recalled:
			people = append(people, string(e.Servicer))
		case kf.RejectSwitch:
			people = append(people, string(e.Servicer))
		case kf.BusinessCard:
			people = append(people, string(e.User))
		case kf.EnterSession:
			scenes = append(scenes, e.Scene)
		}
	}
	if k.known.people, err = s.DB.PeopleByIDs(ctx, distinct(people)); err != nil {
		return err
	}
	if k.known.media, err = s.DB.MediaByIDs(ctx, distinct(media)); err != nil {
		return err
	}
	var of []db.SceneOf
	for _, scene := range distinct(scenes) {
		of = append(of, db.SceneOf{AccountID: k.AccountID, Scene: scene})
	}
	found, err := s.sources(ctx, of)
	k.known.scenes = map[string]source{}
	for each, source := range found {
		k.known.scenes[each.Scene] = source
	}
	return err
}

// distinct sorts values and leaves out the empty one.
func distinct(values []string) []string {
	slices.Sort(values)
	return slices.DeleteFunc(slices.Compact(values), func(v string) bool { return v == "" })
}

// source is where a customer came from, and the page about it.
type source struct{ name, href string }

// sources tells what scenes are called: the name of the link that the account has, or what an operator called it, or
// the scene itself.
func (s *Server) sources(ctx context.Context, scenes []db.SceneOf) (map[db.SceneOf]source, error) {
	scenes = slices.DeleteFunc(slices.Clone(scenes), func(each db.SceneOf) bool { return each.Scene == "" })
	var names []string
	for _, each := range scenes {
		names = append(names, each.Scene)
	}
	called, err := s.DB.SceneNames(ctx, distinct(names))
	if err != nil {
		return nil, err
	}
	links, err := s.DB.LinksOfScenes(ctx, scenes)
	found := map[db.SceneOf]source{}
	for _, each := range scenes {
		found[each] = source{name: either(called[each.Scene], each.Scene)}
		if l, ok := links[each]; ok {
			found[each] = source{l.Name, href.Link(l.ID)}
		}
	}
	return found, err
}
