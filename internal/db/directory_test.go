package db_test

import (
	"context"
	"reflect"
	"testing"
	"time"

	"kfconsole/internal/db"
	"kfconsole/internal/db/dbtest"
)

func TestDirectory(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		ctx := context.Background()
		departments := []db.Department{{ID: 1, Name: "云杉家居", Order: 10}, {ID: 3, ParentID: 1, Name: "售后组", Order: 5}, {ID: 2, ParentID: 1, Name: "售前组", Order: 9}}
		people := []db.Person{{UserID: "Lin.Y", Name: "林一帆", Status: 1, Departments: []int64{3, 2, 3}}, {UserID: "zhao", Name: "赵安", Status: 4, Departments: []int64{3}}}
		if err := d.ReplaceDirectory(ctx, departments, people, now); err != nil {
			t.Fatal(err)
		}
		got, err := d.Departments(ctx)
		want := []db.Department{{ID: 1, Name: "云杉家居", Order: 10}, {ID: 2, ParentID: 1, Name: "售前组", Order: 9, People: 1}, {ID: 3, ParentID: 1, Name: "售后组", Order: 5, People: 2}}
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%+v, %v", got, err)
		}
		f, err := d.Freshness(ctx, db.TopicDirectory)
		if err != nil || f.OKAt == nil || !f.OKAt.Equal(now) {
			t.Errorf("freshness %+v, %v", f, err)
		}
		lin := db.Person{UserID: "Lin.Y", Name: "林一帆", Status: 1, Departments: []int64{2, 3}}
		zhao := people[1]
		for _, c := range []struct {
			q          string
			department int64
			want       []db.Person
		}{{"", 0, []db.Person{lin, zhao}}, {"", 3, []db.Person{lin, zhao}}, {"", 2, []db.Person{lin}}, {"一", 0, []db.Person{lin}}, {"LIN", 3, []db.Person{lin}}, {"%", 0, []db.Person{}}, {"zhao", 2, []db.Person{}}} {
			list, err := d.People(ctx, c.q, c.department, 0)
			if err != nil || !reflect.DeepEqual(list, c.want) {
				t.Errorf("%q in %d: %+v, %v", c.q, c.department, list, err)
			}
		}
		if list, err := d.People(ctx, "", 0, 1); err != nil || len(list) != 1 {
			t.Errorf("limit 1: %+v, %v", list, err)
		}
		byID, err := d.PeopleByIDs(ctx, []string{"LIN.Y", " zhao", "nobody"})
		if err != nil || !reflect.DeepEqual(byID, map[string]db.Person{"lin.y": lin, "zhao": zhao}) {
			t.Errorf("%+v, %v", byID, err)
		}
		replaceAgain(t, d, departments)
	})
}

// replaceAgain changes, removes and keeps people and departments.
func replaceAgain(t *testing.T, d *db.DB, departments []db.Department) {
	t.Helper()
	ctx := context.Background()
	people := []db.Person{{UserID: "Lin.Y", Name: "林一凡", Departments: []int64{1}}, {UserID: "sun", Name: "孙静"}}
	if err := d.ReplaceDirectory(ctx, departments[:2], people, now.Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	got, err := d.Departments(ctx)
	if err != nil || len(got) != 2 || got[0].People != 1 || got[1].People != 0 {
		t.Errorf("%+v, %v", got, err)
	}
	list, err := d.People(ctx, "", 0, 0)
	want := []db.Person{{UserID: "Lin.Y", Name: "林一凡", Departments: []int64{1}}, {UserID: "sun", Name: "孙静"}}
	if err != nil || !reflect.DeepEqual(list, want) {
		t.Errorf("%+v, %v", list, err)
	}
}

func TestPeopleByManyIDs(t *testing.T) {
	ctx := context.Background()
	d := dbtest.New(t)
	var people []db.Person
	var ids []string
	for range 250 {
		id := db.NewID()
		people, ids = append(people, db.Person{UserID: id, Name: "员工"}), append(ids, id)
	}
	if err := d.ReplaceDirectory(ctx, nil, people, now); err != nil {
		t.Fatal(err)
	}
	if found, err := d.PeopleByIDs(ctx, ids); err != nil || len(found) != 250 {
		t.Errorf("found %d of 250: %v", len(found), err)
	}
	if found, err := d.PeopleByIDs(ctx, nil); err != nil || len(found) != 0 {
		t.Errorf("found %d of none: %v", len(found), err)
	}
}
