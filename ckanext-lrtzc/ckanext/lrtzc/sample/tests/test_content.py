import json

import pytest

from ckanext.lrtzc.sample.domain.content import SampleError, fingerprint_of, read_content, run_script

DATASET = {"name": "wells", "title": "Puits", "resources": [{"file": "wells.csv", "name": "Puits", "format": "CSV"}]}


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "wells.csv").write_text("code;profondeur\n2A004;3,5\n", "utf-8")
    return tmp_path


def write(folder, **parts):
    given = {"organizations": [], "people": [], "datasets": [DATASET]} | parts
    (folder / "content.json").write_text(json.dumps(given), "utf-8")
    return folder


class TestReadContent:
    def test_datasets_come_with_their_files(self, folder):
        (dataset,) = read_content(write(folder)).datasets
        assert dataset.fields == {"name": "wells", "title": "Puits"}
        (file,) = dataset.files
        assert (file.name, file.fields, file.path) == (
            "Puits",
            {"name": "Puits", "format": "CSV"},
            folder / "wells.csv",
        )

    def test_fingerprint_changes_with_texts_and_with_bytes(self, folder):
        def fingerprint():
            return read_content(folder).datasets[0].fingerprint

        write(folder)
        first = fingerprint()
        assert first == fingerprint()
        write(folder, datasets=[DATASET | {"title": "Les puits"}])
        second = fingerprint()
        (folder / "wells.csv").write_text("code\n2A017\n", "utf-8")
        assert len({first, second, fingerprint()}) == 3

    @pytest.mark.parametrize("described", [[], {"kind": "photo"}, {"kind": "photo", "files": [{"file": "absent.jpg"}]}])
    def test_half_a_collection_is_refused(self, folder, described):
        with pytest.raises(SampleError, match="wells: "):
            read_content(write(folder, datasets=[DATASET | {"resources": [], "collection": described}]))

    @pytest.mark.parametrize("name", ["", "../secret.csv", "absent.csv", "/etc/hostname"])
    def test_files_outside_the_folder_are_refused(self, folder, name):
        write(folder, datasets=[DATASET | {"resources": [{"file": name}]}])
        with pytest.raises(SampleError, match="wells: the file"):
            read_content(folder)

    @pytest.mark.parametrize("text", ["", "[]", "{", '{"datasets": []}', '{"organizations": [{}]}'])
    def test_malformed(self, folder, text):
        (folder / "content.json").write_text(text, "utf-8")
        with pytest.raises(SampleError, match=r"content\.json"):
            read_content(folder)

    @pytest.mark.parametrize("partner", ["", {"title": "Voisins"}])
    def test_half_a_partner_is_refused(self, folder, partner):
        with pytest.raises(SampleError, match="“partner” must have"):
            read_content(write(folder, partner=partner))

    @pytest.mark.parametrize(
        "form", [{"answers": [{}]}, {"answers": [1]}, {"answers": [{"values": {}, "files": []}]}, {"files": ["../x"]}]
    )
    def test_half_a_form_is_refused(self, folder, form):
        with pytest.raises(SampleError, match=r"form Puits|the file"):
            read_content(write(folder, forms=[{"title": "Puits", "dataset": "wells", **form}]))

    def test_missing(self, folder):
        with pytest.raises(SampleError, match="can't be read"):
            read_content(folder)


class TestRunScript:
    def test_runs_it_with_its_arguments(self, tmp_path):
        (tmp_path / "make.py").write_text("import sys; open(sys.argv[1], 'w').write('done')")
        run_script(tmp_path / "make.py", str(tmp_path / "out"))
        assert (tmp_path / "out").read_text() == "done"

    def test_failure_says_its_last_line(self, tmp_path):
        (tmp_path / "make.py").write_text("raise SystemExit('no figures for 2031')")
        with pytest.raises(SampleError, match="no figures for 2031"):
            run_script(tmp_path / "make.py")

    def test_missing(self, tmp_path):
        with pytest.raises(SampleError, match="is missing"):
            run_script(tmp_path / "make.py")


def test_fingerprint_of_folders_sees_scripts_and_descriptions(tmp_path):
    first = fingerprint_of([tmp_path])
    (tmp_path / "data.csv").write_text("not watched")
    assert fingerprint_of([tmp_path]) == first
    (tmp_path / "make.py").write_text("pass")
    second = fingerprint_of([tmp_path])
    (tmp_path / "make.py").rename(tmp_path / "other.py")
    assert len({first, second, fingerprint_of([tmp_path])}) == 3
