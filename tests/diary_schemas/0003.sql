PRAGMA application_id = 1214869572;
BEGIN TRANSACTION;
CREATE TABLE accounts (
	id INTEGER NOT NULL, 
	athlete_id INTEGER NOT NULL, 
	name TEXT NOT NULL, 
	called TEXT NOT NULL, 
	password TEXT NOT NULL, 
	made_at DATETIME NOT NULL, 
	CONSTRAINT pk_accounts PRIMARY KEY (id), 
	CONSTRAINT uq_accounts_athlete_id UNIQUE (athlete_id), 
	CONSTRAINT uq_accounts_called UNIQUE (called), 
	CONSTRAINT fk_accounts_athlete_id_athletes FOREIGN KEY(athlete_id) REFERENCES athletes (id) ON DELETE CASCADE
);
INSERT INTO "accounts" VALUES(1,1,'6f1c9f0e-6f5e-4b43-9d0a-3a5d8f1f6a01','6f1c9f0e-6f5e-4b43-9d0a-3a5d8f1f6a01','$argon2id$6f1c9f0e-6f5e-4b43-9d0a-3a5d8f1f6a01','2026-03-02 12:00:00.000000');
CREATE TABLE analyses (
	id INTEGER NOT NULL, 
	athlete_id INTEGER NOT NULL, 
	day DATE NOT NULL, 
	movement TEXT NOT NULL, 
	repetitions INTEGER NOT NULL, 
	advice TEXT NOT NULL, 
	name TEXT NOT NULL, 
	digest TEXT NOT NULL, 
	json TEXT NOT NULL, 
	CONSTRAINT pk_analyses PRIMARY KEY (id), 
	CONSTRAINT uq_analyses_athlete_id_digest UNIQUE (athlete_id, digest), 
	CONSTRAINT uq_analyses_athlete_id_id UNIQUE (athlete_id, id), 
	CONSTRAINT fk_analyses_athlete_id_athletes FOREIGN KEY(athlete_id) REFERENCES athletes (id) ON DELETE CASCADE
);
INSERT INTO "analyses" VALUES(1,1,'2026-03-02','glute_bridge',2,'["full_extension"]','bridge.mp4','71e94144e980b479c48f1f9a1f7cdf1b92b78ee8e125426ae46f467afe9d9d22','{"schema":"hipdrive.analysis/1","source":{"name":"bridge.mp4","kind":"video","duration_s":12.5,"frames":375,"rate_hz":30.0,"width_px":1080,"height_px":1920},"movement":{"id":"glute_bridge","chosen":"recognised","confidence":0.97,"why":""},"view":{"id":"side","near_side":"left","confidence":0.9},"repetitions":[{"index":0,"side":"both","direction":null,"start_s":0,"top_start_s":0.3,"top_end_s":0.6,"end_s":0.9,"complete":true,"cues":{"full_extension":{"value":171.25,"unit":"deg","error":6.0,"verdict":"good","reason":null}}},{"index":1,"side":"both","direction":null,"start_s":1,"top_start_s":1.3,"top_end_s":1.6,"end_s":1.9,"complete":true,"cues":{"full_extension":{"value":171.25,"unit":"deg","error":6.0,"verdict":"fault","reason":null}}}],"strides":[],"measures":{"cadence":{"value":171.0,"unit":"steps/min","error":2.0,"expected":170.0,"verdict":"good","reason":null,"left":null,"right":null,"expected_sd":null},"pelvic_drop":{"value":5.5,"unit":"deg","error":null,"expected":null,"verdict":"check","reason":null,"left":5.0,"right":6.0,"expected_sd":null},"unseen":{"value":null,"unit":"deg","error":null,"expected":null,"verdict":"not_judged","reason":"not seen","left":null,"right":null,"expected_sd":null}},"set":{},"advice":[{"about":"full_extension","say":"Push your hips all the way up.","why":"why","next":"next"}],"warnings":[],"provenance":{"hipdrive":"0.1.0"}}');
CREATE TABLE api_tokens (
	id INTEGER NOT NULL, 
	athlete_id INTEGER NOT NULL, 
	token TEXT NOT NULL, 
	name TEXT NOT NULL, 
	made_at DATETIME NOT NULL, 
	last_used_at DATETIME, 
	CONSTRAINT pk_api_tokens PRIMARY KEY (id), 
	CONSTRAINT uq_api_tokens_token UNIQUE (token), 
	CONSTRAINT uq_api_tokens_athlete_id_name UNIQUE (athlete_id, name), 
	CONSTRAINT fk_api_tokens_athlete_id_athletes FOREIGN KEY(athlete_id) REFERENCES athletes (id) ON DELETE CASCADE
);
INSERT INTO "api_tokens" VALUES(1,1,'api 6f1c9f0e-6f5e-4b43-9d0a-3a5d8f1f6a01','6f1c9f0e-6f5e-4b43-9d0a-3a5d8f1f6a01','2026-03-02 12:00:00.000000',NULL);
CREATE TABLE athletes (
	id INTEGER NOT NULL, 
	uid TEXT NOT NULL, 
	name TEXT NOT NULL, 
	called TEXT NOT NULL, 
	profile TEXT NOT NULL, 
	made_at DATETIME NOT NULL, 
	CONSTRAINT pk_athletes PRIMARY KEY (id), 
	CONSTRAINT uq_athletes_uid UNIQUE (uid), 
	CONSTRAINT uq_athletes_called UNIQUE (called)
);
INSERT INTO "athletes" VALUES(1,'6f1c9f0e-6f5e-4b43-9d0a-3a5d8f1f6a01','Anna','anna','{"name":"Anna","height_m":1.7,"mass_kg":null,"sex":null,"birth_year":null,"experience":"new","run_days":[],"key_run_days":[],"free_days":[],"sessions_a_week":2,"hours_sat":null,"bands":[],"equipment":[],"goals":["run on"],"session_at":"18:00","time_zone":"UTC"}','2026-03-01 12:00:00.000000');
CREATE TABLE away (
	id INTEGER NOT NULL, 
	athlete_id INTEGER NOT NULL, 
	first DATE NOT NULL, 
	last DATE NOT NULL, 
	why TEXT NOT NULL, 
	CONSTRAINT pk_away PRIMARY KEY (id), 
	CONSTRAINT fk_away_athlete_id_athletes FOREIGN KEY(athlete_id) REFERENCES athletes (id) ON DELETE CASCADE
);
INSERT INTO "away" VALUES(1,1,'2026-03-02','2026-03-09','travel');
CREATE TABLE calendar_addresses (
	id INTEGER NOT NULL, 
	athlete_id INTEGER NOT NULL, 
	token TEXT NOT NULL, 
	made_at DATETIME NOT NULL, 
	last_used_at DATETIME, 
	CONSTRAINT pk_calendar_addresses PRIMARY KEY (id), 
	CONSTRAINT uq_calendar_addresses_athlete_id UNIQUE (athlete_id), 
	CONSTRAINT uq_calendar_addresses_token UNIQUE (token), 
	CONSTRAINT fk_calendar_addresses_athlete_id_athletes FOREIGN KEY(athlete_id) REFERENCES athletes (id) ON DELETE CASCADE
);
INSERT INTO "calendar_addresses" VALUES(1,1,'calendar 6f1c9f0e-6f5e-4b43-9d0a-3a5d8f1f6a01','2026-03-02 12:00:00.000000',NULL);
CREATE TABLE exercises (
	id INTEGER NOT NULL, 
	athlete_id INTEGER NOT NULL, 
	session_id INTEGER NOT NULL, 
	place INTEGER NOT NULL, 
	exercise TEXT NOT NULL, 
	CONSTRAINT pk_exercises PRIMARY KEY (id), 
	CONSTRAINT fk_exercises_athlete_id_session_id_sessions FOREIGN KEY(athlete_id, session_id) REFERENCES sessions (athlete_id, id) ON DELETE CASCADE, 
	CONSTRAINT uq_exercises_athlete_id_id UNIQUE (athlete_id, id), 
	CONSTRAINT uq_exercises_athlete_id_session_id_place UNIQUE (athlete_id, session_id, place), 
	CONSTRAINT fk_exercises_athlete_id_athletes FOREIGN KEY(athlete_id) REFERENCES athletes (id) ON DELETE CASCADE
);
INSERT INTO "exercises" VALUES(1,1,1,0,'glute_bridge');
INSERT INTO "exercises" VALUES(2,1,1,1,'clam');
CREATE TABLE hipdrive_version (
	version_num VARCHAR(32) NOT NULL, 
	CONSTRAINT hipdrive_version_pkc PRIMARY KEY (version_num)
);
INSERT INTO "hipdrive_version" VALUES('0003');
CREATE TABLE jobs (
	id INTEGER NOT NULL, 
	athlete_id INTEGER NOT NULL, 
	uid TEXT NOT NULL, 
	name TEXT NOT NULL, 
	state TEXT NOT NULL, 
	asked TEXT NOT NULL, 
	done_frames INTEGER NOT NULL, 
	total_frames INTEGER, 
	say TEXT NOT NULL, 
	made_at DATETIME NOT NULL, 
	changed_at DATETIME NOT NULL, 
	CONSTRAINT pk_jobs PRIMARY KEY (id), 
	CONSTRAINT uq_jobs_uid UNIQUE (uid), 
	CONSTRAINT ck_jobs_state CHECK (state IN ('queued', 'running', 'done', 'failed', 'cancelled')), 
	CONSTRAINT fk_jobs_athlete_id_athletes FOREIGN KEY(athlete_id) REFERENCES athletes (id) ON DELETE CASCADE
);
INSERT INTO "jobs" VALUES(1,1,'6f1c9f0e-6f5e-4b43-9d0a-3a5d8f1f6a01','6f1c9f0e-6f5e-4b43-9d0a-3a5d8f1f6a01','done','{"view":"6f1c9f0e-6f5e-4b43-9d0a-3a5d8f1f6a01"}',375,375,'6f1c9f0e-6f5e-4b43-9d0a-3a5d8f1f6a01','2026-03-02 12:00:00.000000','2026-03-02 12:00:00.000000');
CREATE TABLE pains (
	id INTEGER NOT NULL, 
	athlete_id INTEGER NOT NULL, 
	day DATE NOT NULL, 
	score DOUBLE NOT NULL, 
	"where" TEXT NOT NULL, 
	"when" TEXT NOT NULL, 
	settled BOOLEAN, 
	flags TEXT NOT NULL, 
	cleared DATE, 
	note TEXT NOT NULL, 
	CONSTRAINT pk_pains PRIMARY KEY (id), 
	CONSTRAINT ck_pains_score CHECK (score BETWEEN 0 AND 10), 
	CONSTRAINT fk_pains_athlete_id_athletes FOREIGN KEY(athlete_id) REFERENCES athletes (id) ON DELETE CASCADE
);
INSERT INTO "pains" VALUES(1,1,'2026-03-02',3.0,'left hip','next_morning',0,'["night"]','2026-03-02','hm');
CREATE TABLE races (
	id INTEGER NOT NULL, 
	athlete_id INTEGER NOT NULL, 
	day DATE NOT NULL, 
	distance_m DOUBLE NOT NULL, 
	name TEXT NOT NULL, 
	CONSTRAINT pk_races PRIMARY KEY (id), 
	CONSTRAINT uq_races_athlete_id_day UNIQUE (athlete_id, day), 
	CONSTRAINT fk_races_athlete_id_athletes FOREIGN KEY(athlete_id) REFERENCES athletes (id) ON DELETE CASCADE
);
INSERT INTO "races" VALUES(1,1,'2026-06-01',21097.5,'City');
CREATE TABLE runs (
	id INTEGER NOT NULL, 
	athlete_id INTEGER NOT NULL, 
	identity TEXT NOT NULL, 
	start DATETIME NOT NULL, 
	zone TEXT NOT NULL, 
	distance_m DOUBLE NOT NULL, 
	duration_s DOUBLE NOT NULL, 
	ascent_m DOUBLE, 
	heart_rate_bpm DOUBLE, 
	cadence_spm DOUBLE, 
	source TEXT NOT NULL, 
	fingerprint TEXT NOT NULL, 
	CONSTRAINT pk_runs PRIMARY KEY (id), 
	CONSTRAINT uq_runs_athlete_id_identity UNIQUE (athlete_id, identity), 
	CONSTRAINT fk_runs_athlete_id_athletes FOREIGN KEY(athlete_id) REFERENCES athletes (id) ON DELETE CASCADE
);
INSERT INTO "runs" VALUES(1,1,'2026-03-01T07:30:15.250000+00:00','2026-03-01 07:30:15.250000','Europe/Berlin',10012.5,3300.0,45.0,151.5,172.0,'a.fit','');
INSERT INTO "runs" VALUES(2,1,'2026-03-02T10:00:00+00:00','2026-03-02 10:00:00.000000','-03:00',5000.0,1700.0,NULL,NULL,NULL,'','');
CREATE TABLE screenings (
	id INTEGER NOT NULL, 
	athlete_id INTEGER NOT NULL, 
	day DATE NOT NULL, 
	answers TEXT NOT NULL, 
	cleared DATE, 
	CONSTRAINT pk_screenings PRIMARY KEY (id), 
	CONSTRAINT fk_screenings_athlete_id_athletes FOREIGN KEY(athlete_id) REFERENCES athletes (id) ON DELETE CASCADE
);
INSERT INTO "screenings" VALUES(1,1,'2026-03-02','{"heart":false,"dizzy":true}','2026-03-02');
CREATE TABLE seen_cues (
	id INTEGER NOT NULL, 
	athlete_id INTEGER NOT NULL, 
	analysis_id INTEGER NOT NULL, 
	cue TEXT NOT NULL, 
	judged INTEGER NOT NULL, 
	good INTEGER NOT NULL, 
	fault INTEGER NOT NULL, 
	CONSTRAINT pk_seen_cues PRIMARY KEY (id), 
	CONSTRAINT fk_seen_cues_athlete_id_analysis_id_analyses FOREIGN KEY(athlete_id, analysis_id) REFERENCES analyses (athlete_id, id) ON DELETE CASCADE, 
	CONSTRAINT uq_seen_cues_athlete_id_analysis_id_cue UNIQUE (athlete_id, analysis_id, cue), 
	CONSTRAINT fk_seen_cues_athlete_id_athletes FOREIGN KEY(athlete_id) REFERENCES athletes (id) ON DELETE CASCADE
);
INSERT INTO "seen_cues" VALUES(1,1,1,'full_extension',2,1,1);
CREATE TABLE seen_measures (
	id INTEGER NOT NULL, 
	athlete_id INTEGER NOT NULL, 
	analysis_id INTEGER NOT NULL, 
	measure TEXT NOT NULL, 
	value DOUBLE NOT NULL, 
	error DOUBLE, 
	unit TEXT NOT NULL, 
	"left" DOUBLE, 
	"right" DOUBLE, 
	CONSTRAINT pk_seen_measures PRIMARY KEY (id), 
	CONSTRAINT fk_seen_measures_athlete_id_analysis_id_analyses FOREIGN KEY(athlete_id, analysis_id) REFERENCES analyses (athlete_id, id) ON DELETE CASCADE, 
	CONSTRAINT uq_seen_measures_athlete_id_analysis_id_measure UNIQUE (athlete_id, analysis_id, measure), 
	CONSTRAINT fk_seen_measures_athlete_id_athletes FOREIGN KEY(athlete_id) REFERENCES athletes (id) ON DELETE CASCADE
);
INSERT INTO "seen_measures" VALUES(1,1,1,'cadence',171.0,2.0,'steps/min',NULL,NULL);
INSERT INTO "seen_measures" VALUES(2,1,1,'pelvic_drop',5.5,NULL,'deg',5.0,6.0);
CREATE TABLE sessions (
	id INTEGER NOT NULL, 
	athlete_id INTEGER NOT NULL, 
	day DATE NOT NULL, 
	rpe DOUBLE, 
	pain DOUBLE, 
	planned TEXT, 
	note TEXT NOT NULL, 
	CONSTRAINT pk_sessions PRIMARY KEY (id), 
	CONSTRAINT ck_sessions_rpe CHECK (rpe BETWEEN 0 AND 10), 
	CONSTRAINT ck_sessions_pain CHECK (pain BETWEEN 0 AND 10), 
	CONSTRAINT uq_sessions_athlete_id_day UNIQUE (athlete_id, day), 
	CONSTRAINT uq_sessions_athlete_id_id UNIQUE (athlete_id, id), 
	CONSTRAINT fk_sessions_athlete_id_athletes FOREIGN KEY(athlete_id) REFERENCES athletes (id) ON DELETE CASCADE
);
INSERT INTO "sessions" VALUES(1,1,'2026-03-02',6.5,1.0,'2026-W10-1','left hip tired  ä
	🏃');
CREATE TABLE sets (
	id INTEGER NOT NULL, 
	athlete_id INTEGER NOT NULL, 
	exercise_id INTEGER NOT NULL, 
	place INTEGER NOT NULL, 
	amount DOUBLE NOT NULL, 
	reserve DOUBLE, 
	load_kg DOUBLE, 
	band TEXT, 
	clean_share DOUBLE, 
	fault_share DOUBLE, 
	seen_by TEXT, 
	CONSTRAINT pk_sets PRIMARY KEY (id), 
	CONSTRAINT fk_sets_athlete_id_exercise_id_exercises FOREIGN KEY(athlete_id, exercise_id) REFERENCES exercises (athlete_id, id) ON DELETE CASCADE, 
	CONSTRAINT uq_sets_athlete_id_exercise_id_place UNIQUE (athlete_id, exercise_id, place), 
	CONSTRAINT fk_sets_athlete_id_athletes FOREIGN KEY(athlete_id) REFERENCES athletes (id) ON DELETE CASCADE
);
INSERT INTO "sets" VALUES(1,1,1,0,12.0,3.0,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "sets" VALUES(2,1,1,1,11.0,2.0,2.5,'red',0.8,0.1,'video');
INSERT INTO "sets" VALUES(3,1,2,0,20.5,NULL,NULL,NULL,NULL,NULL,NULL);
CREATE TABLE settings (
	id INTEGER NOT NULL, 
	athlete_id INTEGER NOT NULL, 
	name TEXT NOT NULL, 
	value TEXT NOT NULL, 
	CONSTRAINT pk_settings PRIMARY KEY (id), 
	CONSTRAINT uq_settings_athlete_id_name UNIQUE (athlete_id, name), 
	CONSTRAINT fk_settings_athlete_id_athletes FOREIGN KEY(athlete_id) REFERENCES athletes (id) ON DELETE CASCADE
);
INSERT INTO "settings" VALUES(1,1,'calendar','{"a": ""}');
CREATE TABLE tests (
	id INTEGER NOT NULL, 
	athlete_id INTEGER NOT NULL, 
	day DATE NOT NULL, 
	test TEXT NOT NULL, 
	unit TEXT NOT NULL, 
	"left" DOUBLE, 
	"right" DOUBLE, 
	both DOUBLE, 
	error DOUBLE, 
	timed_by TEXT NOT NULL, 
	note TEXT NOT NULL, 
	CONSTRAINT pk_tests PRIMARY KEY (id), 
	CONSTRAINT fk_tests_athlete_id_athletes FOREIGN KEY(athlete_id) REFERENCES athletes (id) ON DELETE CASCADE
);
INSERT INTO "tests" VALUES(1,1,'2026-03-02','single-leg-bridge','s',31.5,28.25,NULL,1.5,'video','cold');
CREATE TABLE web_sessions (
	id INTEGER NOT NULL, 
	athlete_id INTEGER NOT NULL, 
	token TEXT NOT NULL, 
	made_at DATETIME NOT NULL, 
	seen_at DATETIME NOT NULL, 
	expires_at DATETIME NOT NULL, 
	CONSTRAINT pk_web_sessions PRIMARY KEY (id), 
	CONSTRAINT uq_web_sessions_token UNIQUE (token), 
	CONSTRAINT fk_web_sessions_athlete_id_athletes FOREIGN KEY(athlete_id) REFERENCES athletes (id) ON DELETE CASCADE
);
INSERT INTO "web_sessions" VALUES(1,1,'web 6f1c9f0e-6f5e-4b43-9d0a-3a5d8f1f6a01','2026-03-02 12:00:00.000000','2026-03-02 12:00:00.000000','2026-03-02 12:00:00.000000');
CREATE INDEX ix_screenings_athlete_id_day ON screenings (athlete_id, day);
CREATE INDEX ix_pains_athlete_id_day ON pains (athlete_id, day);
CREATE INDEX ix_tests_athlete_id_day ON tests (athlete_id, day);
CREATE INDEX ix_runs_athlete_id_start ON runs (athlete_id, start);
CREATE INDEX ix_away_athlete_id_first ON away (athlete_id, first);
CREATE INDEX ix_analyses_athlete_id_day ON analyses (athlete_id, day);
CREATE INDEX ix_jobs_state ON jobs (state);
CREATE INDEX ix_jobs_athlete_id_made_at ON jobs (athlete_id, made_at);
COMMIT;
